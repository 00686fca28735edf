/** What was committed, and what became of it on the builders of each tag. */
import { useMemo } from "preact/hooks";
import { writeState } from "../../base/queryState";
import { Matrix, sizes, type Cell, type Line } from "../../widgets/matrix/matrix";
import { useQueryState } from "../../widgets/query";
import { cellsOf } from "../../widgets/revisions/cells";
import { sorted } from "../../widgets/revisions/filter";
import { BuilderHead } from "../../widgets/revisions/heads";
import type { Builder, Revision } from "../../widgets/revisions/model";
import { RevisionsPage, type Given } from "../../widgets/revisions/page";
import { ageOf, revisionName } from "../../widgets/revisions/words";
import type { PageProps } from "../../widgets/views";
import { Details } from "./details";
import { changeOf, Elsewhere } from "./elsewhere";
import { groupsAny, groupsOf, labelOf, openTags, summed, toggled, type Group } from "./groups";
import "./page.css";

/** Tags whose builders are shown, and revisions of which all is told. */
const OPEN = { group: [], open: [] } as const;

/** Pixels of what is told of one revision; more is scrolled. */
const DETAILS = 280;

export default function ConsolePage({ query }: PageProps<"console">) {
    const [choice, choose] = useQueryState(OPEN);
    return (
        <RevisionsPage title="Console">
            {(given) => <Console {...given} choice={choice} choose={choose} query={query} />}
        </RevisionsPage>
    );
}

/** A group's own column, or one of its builders'. */
interface Column {
    readonly group: Group;
    readonly builder: Builder | undefined;
}

type Open = ReturnType<typeof useQueryState<typeof OPEN>>[0];

function Console({
    shown,
    present,
    loadOlder,
    choice: { group: named, open },
    choose,
    query,
}: Given & { choice: Open; choose: (changed: Partial<Open>) => void; query: URLSearchParams }) {
    const { cell: size, coarse } = sizes();
    const aside = Math.min(size * 14, innerWidth * (coarse ? 0.5 : 0.4));
    const groups = useMemo(() => groupsOf(sorted(shown, false)), [shown]);
    const openGroups = useMemo(
        () => openTags(groups, named, Math.floor((innerWidth - aside) / size) - groups.length * 2),
        [groups, named, aside, size],
    );
    const grouped = groupsAny(groups);
    const columns = useMemo<Column[]>(
        () =>
            groups.flatMap((group) => [
                ...(grouped ? [{ group, builder: undefined }] : []),
                ...(!grouped || openGroups.has(labelOf(group))
                    ? group.builders.map((builder) => ({ group, builder }))
                    : []),
            ]),
        [groups, grouped, openGroups],
    );

    // Closed groups have what room there is.
    const width = Math.max(
        size * 2,
        Math.min(size * 4, openGroups.size ? 0 : (innerWidth * 0.95 - aside) / groups.length),
    );
    const upright = width < size * 3;
    const hasUpright = upright || !grouped || openGroups.size > 0;
    const heads = useMemo<Line[]>(
        () =>
            columns.map(({ group, builder }) => {
                const label = labelOf(group);
                const isOpen = openGroups.has(label);
                return builder
                    ? { key: `b${builder.id}`, size, head: () => <BuilderHead builder={builder} upright /> }
                    : {
                          key: `t${label}`,
                          size: width,
                          class: isOpen ? "group open" : "group",
                          head: () => (
                              <GroupHead
                                  group={group}
                                  upright={upright}
                                  open={isOpen}
                                  toggle={() => choose({ group: toggled(openGroups, label) })}
                              />
                          ),
                      };
            }),
        [columns, openGroups, size, width, upright, choose],
    );
    const rows = useMemo<Line[]>(
        () =>
            shown.revisions.map((revision) => {
                const isOpen = open.includes(revision.key);
                return {
                    key: revision.key,
                    size: Math.max(size, 44),
                    head: () => (
                        <RevisionHead
                            revision={revision}
                            present={present}
                            open={isOpen}
                            toggle={() =>
                                choose({
                                    open: isOpen ? open.filter((key) => key !== revision.key) : [...open, revision.key],
                                })
                            }
                        />
                    ),
                    below: isOpen
                        ? {
                              size: DETAILS,
                              content: () => (
                                  <Details revision={revision} builders={shown.builders} present={present} />
                              ),
                          }
                        : undefined,
                };
            }),
        [shown, present, open, size, choose],
    );

    const cells = cellsOf(shown, present);
    function cell(row: number, column: number): Cell | undefined {
        const [revision, at] = [shown.revisions[row], columns[column]];
        if (!revision || !at) return undefined;
        if (at.builder) return cells.cell(revision, at.builder, false);
        const summary = summed(shown, at.group, revision);
        if (!summary) return undefined;
        const label = labelOf(at.group);
        const opened = openGroups.has(label) ? [...openGroups] : toggled(openGroups, label);
        const text = summary.bad > 0 ? `${summary.bad}/${summary.all}` : String(summary.all);
        return {
            status: summary.status,
            href: `console?${writeState(OPEN, { group: opened, open }, query).toString()}`,
            name: `${label} ${text}, revision ${revisionName(revision)}, ${summary.words}, ${ageOf(revision.at, present)}`,
            text,
            class: "summary",
        };
    }

    const missing = open.filter(
        (key) => changeOf(key) !== undefined && !shown.revisions.some((each) => each.key === key),
    );
    return (
        <>
            {missing.map((key) => (
                <Elsewhere
                    key={key}
                    change={changeOf(key) ?? 0}
                    builders={shown.builders}
                    present={present}
                    close={() => choose({ open: open.filter((each) => each !== key) })}
                />
            ))}
            <Matrix
                label="Revisions, and what became of them"
                rows={rows}
                columns={heads}
                cell={cell}
                has={(row, column) => {
                    const [revision, at] = [shown.revisions[row], columns[column]];
                    if (!revision || !at) return false;
                    return at.builder
                        ? cells.has(revision, at.builder)
                        : at.group.builders.some((builder) => cells.has(revision, builder));
                }}
                corner={<div class="corner-head">Revisions</div>}
                aside={aside}
                top={size * (hasUpright ? (coarse ? 2.5 : 3.75) : 1.25)}
                reveal={open[0]}
                onEnd={(axis) => axis === "rows" && loadOlder()}
            />
        </>
    );
}

function GroupHead({
    group,
    upright,
    open,
    toggle,
}: {
    group: Group;
    upright: boolean;
    open: boolean;
    toggle: () => void;
}) {
    const label = labelOf(group);
    return (
        <button
            type="button"
            class={`line-head${upright ? " upright" : ""}`}
            aria-expanded={open}
            title={label}
            onClick={toggle}
        >
            <span class="fold">
                <bdi>{label}</bdi> <span class="quiet">{group.builders.length}</span>
            </span>
        </button>
    );
}

function RevisionHead({
    revision,
    present,
    open,
    toggle,
}: {
    revision: Revision;
    present: number;
    open: boolean;
    toggle: () => void;
}) {
    const { commit, branch, at } = revision;
    const name = revisionName(revision);
    const title = commit ? commit.title || "no message" : "Built without a change";
    return (
        <button
            type="button"
            class={`line-head${commit ? "" : " quiet"}`}
            aria-expanded={open}
            title={title}
            onClick={toggle}
        >
            <span>
                <bdi>{title}</bdi>
            </span>
            <span class="quiet">
                <code>
                    <bdi>{name}</bdi>
                </code>{" "}
                <bdi>{branch}</bdi> · {ageOf(at, present)}
                {commit && (
                    <>
                        {" · "}
                        <bdi>{commit.author}</bdi>
                    </>
                )}
            </span>
        </button>
    );
}
