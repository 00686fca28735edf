/** The latest revisions, and how they did on the builders. */
import { useMemo } from "preact/hooks";
import { Matrix, sizes, type Line } from "../../widgets/matrix/matrix";
import { cellsOf } from "../../widgets/revisions/cells";
import { sorted } from "../../widgets/revisions/filter";
import { BuilderHead, RevisionHead } from "../../widgets/revisions/heads";
import type { Revision } from "../../widgets/revisions/model";
import { RevisionsPage, type Given } from "../../widgets/revisions/page";

const isBuilt = ({ builds }: Revision) => builds.size > 0;

export default function TransposedGridPage() {
    return (
        <RevisionsPage title="Transposed grid" sorts wanted={isBuilt}>
            {(given) => <Grid {...given} />}
        </RevisionsPage>
    );
}

function Grid({ shown, worstFirst, present, loadOlder }: Given) {
    const { cell: size, coarse } = sizes();
    const builders = useMemo(() => sorted(shown, worstFirst), [shown, worstFirst]);
    const rows = useMemo<Line[]>(
        () =>
            shown.revisions.map((revision) => ({
                key: revision.key,
                size,
                head: () => <RevisionHead revision={revision} present={present} />,
                class: "inline",
            })),
        [shown, size, present],
    );
    const columns = useMemo<Line[]>(
        () =>
            builders.map((builder) => ({
                key: String(builder.id),
                size,
                head: () => <BuilderHead builder={builder} upright />,
            })),
        [builders, size],
    );
    const cells = cellsOf(shown, present);
    const find = (row: number, column: number) => [shown.revisions[row], builders[column]] as const;
    return (
        <Matrix
            label="The latest revisions and their builders"
            rows={rows}
            columns={columns}
            cell={(row, column) => cells.cell(...find(row, column), false)}
            has={(row, column) => cells.has(...find(row, column))}
            corner={<div class="corner-head">Revisions</div>}
            aside={Math.min(size * 9, innerWidth * 0.42)}
            top={coarse ? size * 3 : size * 4.5}
            onEnd={(axis) => axis === "rows" && loadOlder()}
        />
    );
}
