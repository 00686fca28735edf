/** Logs of any size, put into a database by hand. */
import { execFileSync } from "node:child_process";
import { PYTHON } from "./pages";

export interface Written {
    readonly stepid: number;
    readonly name: string;
    readonly type?: "s" | "t" | "h" | "d";
    readonly complete?: boolean;
    /** Its lines, in logs of type `s` with their letters; or how many there are, each of `text` with its number in place of `{}`. */
    readonly lines: readonly string[] | number;
    readonly text?: string;
    /** Lines that are others, by number. */
    readonly others?: Readonly<Record<number, string>>;
}

const SCRIPT = `
import json, sqlite3, sys, zlib
with sqlite3.connect(sys.argv[1], timeout=30) as database:
    log = json.load(sys.stdin)
    given, others = log["lines"], {int(at): text for at, text in log.get("others", {}).items()}
    count = given if isinstance(given, int) else len(given)
    text = log.get("text", "")
    values = (log["name"], log["stepid"], int(log.get("complete", True)), count, log.get("type", "s"))
    added = database.execute(
        "INSERT INTO logs (name, slug, stepid, complete, num_lines, type) VALUES (?, '', ?, ?, ?, ?)", values)
    logid = added.lastrowid
    database.execute("UPDATE logs SET slug = 'log' || id WHERE id = ?", (logid,))
    for first in range(0, count, 500):
        lines = [others.get(at) or (text.replace("{}", str(at)) if isinstance(given, int) else given[at])
            for at in range(first, min(first + 500, count))]
        content = "\\n".join(lines).encode("utf-8", "surrogatepass")
        database.execute("INSERT INTO logchunks (logid, first_line, last_line, content, compressed) VALUES (?, ?, ?, ?, 1)",
            (logid, first, first + len(lines) - 1, zlib.compress(content)))
    print(logid)
`;

/** The id of the new log; its slug is \`log\` with that. */
export function writeLog(database: string, log: Written): number {
    return Number(execFileSync(PYTHON, ["-c", SCRIPT, database], { input: JSON.stringify(log) }));
}

const APPEND = `
import json, sqlite3, sys
with sqlite3.connect(sys.argv[1], timeout=30) as database:
    logid, lines, complete = json.load(sys.stdin)
    [count] = database.execute("SELECT num_lines FROM logs WHERE id = ?", (logid,)).fetchone()
    if lines:
        database.execute("INSERT INTO logchunks (logid, first_line, last_line, content, compressed) VALUES (?, ?, ?, ?, 0)",
            (logid, count, count + len(lines) - 1, "\\n".join(lines).encode()))
    database.execute("UPDATE logs SET num_lines = ?, complete = ? WHERE id = ?", (count + len(lines), int(complete), logid))
`;

/** More lines at the end of a log, which may be the last. */
export function appendLines(database: string, logid: number, lines: readonly string[], complete = false): void {
    execFileSync(PYTHON, ["-c", APPEND, database], { input: JSON.stringify([logid, lines, complete]) });
}
