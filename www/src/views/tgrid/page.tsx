/** The latest revisions, and how they did on the builders. */
import { useMemo } from "preact/hooks";
import { spread } from "../../widgets/matrix/geometry";
import { Matrix, sizes, type Line } from "../../widgets/matrix/matrix";
import { Room } from "../../widgets/matrix/room";
import { cellsOf } from "../../widgets/revisions/cells";
import { sorted } from "../../widgets/revisions/filter";
import { BuilderHead, RevisionHead } from "../../widgets/revisions/heads";
import type { Revision } from "../../widgets/revisions/model";
import { RevisionsPage, type Given } from "../../widgets/revisions/page";

const isBuilt = ({ builds }: Revision) => builds.size > 0;

export default function TransposedGridPage() {
    return (
        <RevisionsPage title="Transposed grid" sorts wanted={isBuilt}>
            {(given) => <Room>{(width) => <Grid {...given} width={width} />}</Room>}
        </RevisionsPage>
    );
}

/** The border at both sides. */
const BORDERS = 2;
/** Of a small letter, and beside a name, in parts of a cell that a mouse points at. */
const LETTER = 0.23;
const BESIDE_NAME = 0.75;
/** From this width on the first column has room for what was committed. */
const ROOMY = 11;

function Grid({ shown, worstFirst, present, loadOlder, width }: Given & { width: number }) {
    const { cell: size, coarse } = sizes();
    const builders = useMemo(() => sorted(shown, worstFirst), [shown, worstFirst]);
    const unit = coarse ? (size * 32) / 44 : size;
    const longest = Math.max(...builders.map(({ name }) => name.length));
    const { aside, column, top, upright } = spread(width - BORDERS, builders.length, {
        name: unit * (longest * LETTER + BESIDE_NAME),
        cell: size,
        aside: Math.min(size * 9, width * 0.45),
        top: coarse ? size * 3 : size * 4.5,
    });
    const roomy = aside > unit * ROOMY;
    const rows = useMemo<Line[]>(
        () =>
            shown.revisions.map((revision) => ({
                key: revision.key,
                size,
                head: () => <RevisionHead revision={revision} present={present} roomy={roomy} />,
                class: "inline",
            })),
        [shown, size, present, roomy],
    );
    const columns = useMemo<Line[]>(
        () =>
            builders.map((builder) => ({
                key: String(builder.id),
                size: column,
                head: () => <BuilderHead builder={builder} upright={upright} />,
            })),
        [builders, column, upright],
    );
    const cells = cellsOf(shown, present);
    const find = (row: number, column: number) => [shown.revisions[row], builders[column]] as const;
    return (
        <Matrix
            label="The latest revisions and their builders"
            rows={rows}
            columns={columns}
            cell={(row, column) => cells.cell(...find(row, column), !upright)}
            has={(row, column) => cells.has(...find(row, column))}
            corner={<div class="corner-head">Revisions</div>}
            aside={aside}
            top={top}
            onEnd={(axis) => axis === "rows" && loadOlder()}
        />
    );
}
