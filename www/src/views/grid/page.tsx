/** Builders, and how the latest revisions did on them. */
import { useMemo } from "preact/hooks";
import { Matrix, sizes, type Line } from "../../widgets/matrix/matrix";
import { cellsOf } from "../../widgets/revisions/cells";
import { sorted } from "../../widgets/revisions/filter";
import { BuilderHead, RevisionHead } from "../../widgets/revisions/heads";
import type { Revision } from "../../widgets/revisions/model";
import { RevisionsPage, type Given } from "../../widgets/revisions/page";

const isBuilt = ({ builds }: Revision) => builds.size > 0;

export default function GridPage() {
    return (
        <RevisionsPage title="Grid" sorts wanted={isBuilt}>
            {(given) => <Grid {...given} />}
        </RevisionsPage>
    );
}

function Grid({ shown, worstFirst, present, loadOlder }: Given) {
    const { cell: height, coarse } = sizes();
    const width = height * (coarse ? 1.7 : 2.75);
    const builders = useMemo(() => sorted(shown, worstFirst), [shown, worstFirst]);
    const rows = useMemo<Line[]>(
        () =>
            builders.map((builder) => ({
                key: String(builder.id),
                size: height,
                head: () => <BuilderHead builder={builder} />,
            })),
        [builders, height],
    );
    const columns = useMemo<Line[]>(
        () =>
            shown.revisions.map((revision) => ({
                key: revision.key,
                size: width,
                head: () => <RevisionHead revision={revision} present={present} />,
            })),
        [shown, width, present],
    );
    const cells = cellsOf(shown, present);
    const find = (row: number, column: number) => [shown.revisions[column], builders[row]] as const;
    return (
        <Matrix
            label="Builders and their latest revisions"
            rows={rows}
            columns={columns}
            cell={(row, column) => cells.cell(...find(row, column), !coarse)}
            has={(row, column) => cells.has(...find(row, column))}
            corner={<div class="corner-head">Builders</div>}
            aside={Math.min(height * 7, innerWidth * 0.38)}
            top={coarse ? height * 1.5 : height * 2}
            onEnd={(axis) => axis === "columns" && loadOlder()}
        />
    );
}
