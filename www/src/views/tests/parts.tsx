/** What the pages of tests show alike. */
import type { ApiError } from "../../api/http";
import { Empty, Problem, type Failure } from "../../widgets/problem";

export function testsHref(builder: number | string, query: Readonly<Record<string, string>> = {}): string {
    const search = new URLSearchParams(query).toString();
    return `builders/${builder}/tests${search && `?${search}`}`;
}

export function buildHref(builder: number | string, number: number): string {
    return `builders/${builder}/builds/${number}`;
}

/** Of a build, only those of a name; a link need not hold all of one that is very long. */
export function inBuildHref(builder: number | string, number: number, name = ""): string {
    const search = new URLSearchParams(name && { text: name.slice(0, 200) }).toString();
    return `${buildHref(builder, number)}/tests${search && `?${search}`}`;
}

export function NoTests({ what }: { what: string }) {
    return (
        <Empty title={`There are no test results of this ${what}`}>
            <p>
                They come from steps that report them as results, not only as text in a log: of a step of your own,{" "}
                <code>addTestResultSet()</code> says what kind they are, and <code>addTestResult()</code> adds each. As
                soon as a build has reported some, they appear here.
            </p>
        </Empty>
    );
}

/** What was asked for is too much for the database, unless it has indexes for it. */
export function Trouble({ error, builder }: { error: Failure; builder: string }) {
    return (
        <Problem error={error}>
            {error.status === 404 ? (
                <a href="builders">All builders</a>
            ) : (
                <a href={`builders/${encodeURIComponent(builder)}`}>The builder</a>
            )}
            {(error.status === 503 || error.status === 504) && (
                <span>
                    A database with many test results needs indexes for them:{" "}
                    <code>buildbot attach --print-indexes</code> prints them.
                </span>
            )}
        </Problem>
    );
}

export function isTooLarge(error: ApiError | undefined): boolean {
    return error?.code === "too-large";
}
