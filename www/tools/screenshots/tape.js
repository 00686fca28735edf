/**
 * A day of a small project's builds, as a file that `buildbot replay` plays with `--same-times`: commits, queues before
 * workers, what fails and who mends it. The same at every call, but for when it ends: then, with builds that run.
 */

const HOURS = 9;
const REPOSITORY = "https://example.org/tally.git";
const [SUCCESS, WARNINGS, FAILURE, EXCEPTION, CANCELLED] = [0, 1, 2, 4, 6];
const WORDS = ["build successful", "warnings", "failure", "skipped", "exception", "retry", "cancelled"];
const PEOPLE = ["Ada <ada@example.org>", "Béla <bela@example.org>", "Chen <chen@example.org>"];

/** Steps with their usual seconds. @type {Record<string, [name: string, seconds: number][]>} */
const PLANS = {
    tests: [["git", 9], ["configure", 38], ["compile", 190], ["test", 260]], // prettier-ignore
    lint: [["git", 6], ["ruff", 25], ["mypy", 55]], // prettier-ignore
    docs: [["git", 7], ["sphinx", 130], ["links", 45]], // prettier-ignore
    package: [["git", 8], ["sdist", 20], ["wheel", 95], ["install", 40], ["upload", 30]], // prettier-ignore
};
const BUILDERS = [
    { name: "linux-gcc", tags: ["linux", "tests"], plan: "tests", slow: 1, workers: [1, 2] },
    { name: "linux-clang", tags: ["linux", "tests"], plan: "tests", slow: 1.15, workers: [1, 2] },
    { name: "macos-arm64", tags: ["macos", "tests"], plan: "tests", slow: 1.3, workers: [4] },
    { name: "windows", tags: ["windows", "tests"], plan: "tests", slow: 2.1, workers: [5] },
    { name: "lint", tags: ["fast"], plan: "lint", slow: 1, workers: [3] },
    { name: "docs", tags: ["docs"], plan: "docs", slow: 1, workers: [3] },
    { name: "package", tags: ["release"], plan: "package", slow: 1.4, workers: [2, 3] },
];
const WORKERS = ["alder", "birch", "cedar", "mac-mini", "win-2022"];

/** What was committed; the files say who builds it, besides linux-gcc, linux-clang, macos-arm64, windows and lint. */
const COMMITS = [
    ["Count characters, too", "src/count.py"],
    ["Say in the manual what a word is", "docs/words.rst"],
    ["Read from standard input when no file is named", "src/main.py"],
    ["Use one pattern for all separators", "src/split.py"],
    ["Totals are aligned to the widest number", "src/report.py"],
    ["Close files that cannot be decoded", "src/read.py"],
    ["Sort by name with --sort=name", "src/report.py"],
    ["Show how to count in pipes", "docs/pipes.rst"],
    ["Version 2.4", "CHANGES.rst"],
    ["Read files in blocks of 64 KiB", "src/read.py"],
    ["A block may end within a character", "src/read.py"],
    ["Test with files of many blocks", "tests/test_read.py"],
    ["Drop what Python 3.10 needed", "src/compat.py"],
    ["Follow symbolic links only with -L", "src/walk.py"],
    ["Answer --version before files are opened", "src/main.py"],
    ["Document -L", "docs/options.rst"],
    ["Walk folders in the order of their names", "src/walk.py"],
    ["Name the file in every message", "src/report.py"],
    ["Join paths with os.path", "src/walk.py"],
    ["Version 2.4.1", "CHANGES.rst"],
    ["Colours only on a terminal", "src/report.py"],
    ["Report totals per folder with --depth", "src/report.py"],
    ["Explain --depth with a picture", "docs/options.rst"],
    ["Let --depth=0 mean no limit", "src/main.py"],
    ["Count in as many processes as there are cores", "src/pool.py"],
    ["Keep the order of files with --jobs", "src/pool.py"],
].map(([comments = "", file = ""]) => ({ comments, file }));

/** From which commit until before which one a step of a builder goes wrong. */
const STORIES = [
    { builder: "linux-clang", step: "compile", from: 9, to: 11, results: FAILURE },
    { builder: "macos-arm64", step: "test", from: 9, to: 11, results: FAILURE },
    { builder: "lint", step: "mypy", from: 4, to: 6, results: FAILURE },
    { builder: "docs", step: "links", from: 15, to: 22, results: WARNINGS },
    { builder: "windows", step: "configure", from: 5, to: 6, results: EXCEPTION },
    { builder: "windows", step: "test", from: 18, to: 99, results: FAILURE },
    { builder: "linux-gcc", step: "compile", from: 12, to: 14, results: WARNINGS },
    { builder: "macos-arm64", step: "test", from: 20, to: 21, results: FAILURE },
    { builder: "package", step: "upload", from: 19, to: 99, results: FAILURE },
    { builder: "linux-gcc", step: "test", from: 21, to: 22, results: CANCELLED },
];
const TESTS = ["count", "main", "pool", "read", "report", "split", "walk"].flatMap((part) =>
    ["empty", "one_line", "many_files", "unicode", "crlf", "missing", "denied"].map((what) => `test_${part}.${what}`),
);
const BROKEN = ["test_walk.many_files", "test_walk.crlf", "test_report.many_files"];

/** @typedef {{ comments: string, file: string, at: number, revision: string, author: string, number: number }} Commit */
/** @typedef {{ brid: number, builder: number, commit: Commit }} Request */

/** The lines of the file. @param {number} end in seconds since the epoch */
export function tape(end) {
    const lines = [JSON.stringify({ tape: 1 })];
    const random = randomOf(20);
    const ids = { build: 0, step: 0, log: 0, set: 0, bsid: 0, brid: 0 };
    const numbers = BUILDERS.map(() => 0);
    /** @type {Request[]} */
    let waiting = [];
    const free = new Set(WORKERS.map((_, index) => index + 1));
    /** What goes on: each says after how many seconds it wants to go on. @type {{ at: number, going: Generator<number> }[]} */
    const agenda = [];
    let now = end - HOURS * 3600;

    /** @param {string} name @param {object} given @param {unknown} gives */
    const call = (name, given, gives = null) =>
        void lines.push(JSON.stringify({ at: Math.floor(now), call: name, with: given, gives }));
    /** About so many. @param {number} seconds */
    const about = (seconds) => seconds * (0.85 + 0.3 * random());

    function configure() {
        call("setProject", { project: { name: "tally", description: "Counts what is in files" } }, 1);
        call("setCodebase", { projectid: 1, name: "tally" }, 1);
        call("startMaster", { name: "ci.example.org:/srv/buildbot" }, 1);
        const builders = BUILDERS.map(({ name, tags }) => ({ name, tags, projectid: 1 }));
        call(
            "runBuilders",
            { masterid: 1, builders },
            builders.map((_, index) => index + 1),
        );
        for (const [index, name] of WORKERS.entries()) call("findWorker", { name }, index + 1);
        const builds = WORKERS.map((_, index) =>
            BUILDERS.flatMap(({ workers }, builder) => (workers.includes(index + 1) ? [builder + 1] : [])),
        );
        call("configureWorkers", { masterid: 1, builders: Object.fromEntries(builds.map((of, i) => [i + 1, of])) });
        for (const [index, name] of WORKERS.entries()) {
            const info = { admin: "Ops <ops@example.org>", host: `${name}.example.org`, version: "4.3.0" };
            call("workerConnected", { workerid: index + 1, masterid: 1, info });
        }
        call("findScheduler", { name: "all" }, 1);
        call("takeScheduler", { schedulerid: 1, masterid: 1 }, true);
        call("takeChangeSource", { name: REPOSITORY, masterid: 1 }, [1, true]);
    }

    /** @param {Commit} commit */
    function* committed(commit) {
        yield commit.at - now;
        const { comments, revision, author, file } = commit;
        const where = { branch: "main", revision, repository: REPOSITORY, project: "tally" };
        const revlink = `https://example.org/tally/commit/${revision}`;
        call("addChange", { change: { author, comments, files: [file], revlink, ...where } }, commit.number + 1);
        const isDocs = file.startsWith("docs/");
        const isRelease = file.startsWith("CHANGES");
        const builderids = [1, 2, 3, 4, 5, ...(isDocs || isRelease ? [6] : []), ...(isRelease ? [7] : [])];
        const brids = builderids.map(() => ++ids.brid);
        const stamps = [{ ...where, codebase: "" }];
        const reason = "The SingleBranchScheduler scheduler named 'all' triggered this build";
        const buildset = { builderids, stamps, properties: { scheduler: ["all", "Scheduler"] }, reason };
        call("addBuildset", { buildset }, { bsid: ++ids.bsid, brids });
        waiting.push(...builderids.map((id, index) => ({ brid: Number(brids[index]), builder: id - 1, commit })));
        assign();
    }

    /** Give what waits to workers that have nothing to do. */
    function assign() {
        waiting = waiting.filter((request) => {
            const worker = BUILDERS[request.builder]?.workers.find((id) => free.has(id));
            if (!worker) return true;
            free.delete(worker);
            agenda.push({ at: now, going: building(request, worker) });
            return false;
        });
    }

    /** @param {Request} request @param {number} workerid */
    function* building({ brid, builder, commit }, workerid) {
        const { name = "", plan = "", slow = 1 } = BUILDERS[builder] ?? {};
        call("claimRequests", { brids: [brid], masterid: 1 }, true);
        const buildid = ++ids.build;
        numbers[builder] = (numbers[builder] ?? 0) + 1;
        const properties = {
            scheduler: ["all", "Scheduler"],
            buildername: [name, "Builder"],
            workername: [WORKERS[workerid - 1], "Worker"],
            branch: ["main", "Build"],
            revision: [commit.revision, "Build"],
            got_revision: [commit.revision, "Git"],
        };
        const of = { buildrequestid: brid, builderid: builder + 1, workerid, masterid: 1 };
        call("startBuild", { ...of, properties, state: "building" }, { buildid, number: numbers[builder] });
        let results = SUCCESS;
        let state = String(WORDS[SUCCESS]);
        for (const [number, [step, seconds]] of (PLANS[plan] ?? []).entries()) {
            const story = STORIES.find(
                (told) =>
                    told.builder === name &&
                    told.step === step &&
                    told.from <= commit.number &&
                    commit.number < told.to,
            );
            const became = story?.results ?? SUCCESS;
            const stepid = ++ids.step;
            call("addStep", { buildid, name: step }, { stepid, number, name: step });
            call("startStep", { stepid });
            call("stepHasLocks", { stepid });
            yield* logged(stepid, step, became, about(seconds * slow));
            if (step === "test") tested(stepid, became);
            const said =
                became === FAILURE && step === "test" ? `${TESTS.length} tests, ${BROKEN.length} failed` : step;
            call("setStepState", { stepid, state: became ? `${said} (${String(WORDS[became])})` : said });
            call("finishStep", { stepid, results: became });
            if (!became) continue;
            results = Math.max(results, became);
            state = said;
            if (became !== WARNINGS) break;
        }
        call("setBuildState", { buildid, state });
        call("finishBuild", { buildid, results });
        call("completeRequests", { brids: [brid], results });
        free.add(workerid);
        assign();
    }

    /** @param {number} stepid @param {string} step @param {number} became @param {number} seconds */
    function* logged(stepid, step, became, seconds) {
        const logid = ++ids.log;
        call("addLog", { stepid, name: "stdio" }, { logid, slug: "stdio" });
        const texts = output(step, became);
        const parts = 4;
        for (let part = 0; part < parts; part++) {
            const from = Math.floor((texts.length * part) / parts);
            const to = Math.floor((texts.length * (part + 1)) / parts);
            const text = texts.slice(from, to).join("\n");
            if (to > from) call("appendLog", { logid, text: `${text}\n` }, [from, to - 1]);
            yield (seconds * (became === CANCELLED ? 0.4 : 1)) / parts;
        }
        call("finishLog", { logid });
    }

    /** @param {number} stepid @param {number} became */
    function tested(stepid, became) {
        const setid = ++ids.set;
        call("addTestResultSet", { stepid, category: "pass_fail", value_unit: "boolean" }, setid);
        const fails = (/** @type {string} */ name) => became === FAILURE && BROKEN.includes(name);
        const results = TESTS.map((name, at) => ({
            value: fails(name) ? "0" : "1",
            name,
            duration_ns: (1 + ((at * 37 + setid * 5) % 90)) * 1_000_000,
        }));
        call("addTestResults", { setid, results });
        call("completeTestResultSet", { setid });
    }

    configure();
    for (const [number, commit] of COMMITS.entries()) {
        // The last ones come together, so that something waits.
        const left = COMMITS.length - 1 - number;
        const at = end - (left < 2 ? 100 + 400 * left : 1000 + 1250 * (left - 2) + 500 * random());
        const revision = Array.from({ length: 40 }, () => Math.floor(16 * random()).toString(16)).join("");
        const author = String(PEOPLE[Math.floor(random() * PEOPLE.length)]);
        agenda.push({ at: now, going: committed({ ...commit, number, at, revision, author }) });
    }
    for (;;) {
        agenda.sort((one, other) => one.at - other.at);
        const next = agenda.shift();
        if (!next || next.at > end) break;
        now = next.at;
        const wish = next.going.next();
        if (!wish.done) agenda.push({ at: now + wish.value, going: next.going });
    }
    now = end;
    call("masterIsAlive", { masterid: 1 });
    return lines;
}

/** What a step says: lines with the letter of their stream. @param {string} step @param {number} became */
function output(step, became) {
    if (step === "compile") {
        const files = Array.from(
            { length: 48 },
            (_, n) => `o[${n + 1}/48] Building C object _tally/part${n % 7}/${n}.o`,
        );
        const wrong = [
            "e../_tally/block.c:118:23: \u001b[31merror:\u001b[0m implicit conversion loses integer precision [-Wshorten-64-to-32]",
            "e  118 |     int end = start + \u001b[32mstrlen\u001b[0m(text);",
            "e      |         ~~~   ~~~~~~^~~~~~~~~~~~~~",
            "o1 error generated.",
        ];
        return ["hninja -C build", ...files, ...(became ? wrong : ["oDone."])];
    }
    if (step === "test") {
        const lines = TESTS.map((name) =>
            became === FAILURE && BROKEN.includes(name)
                ? `o${name} \u001b[31m... FAIL\u001b[0m`
                : `o${name} \u001b[32m... ok\u001b[0m`,
        );
        const told = BROKEN.flatMap((name) => [
            "o",
            `o\u001b[1m\u001b[31m====== FAIL: ${name} ======\u001b[0m`,
            "oTraceback (most recent call last):",
            `o  File "tests/${name.split(".")[0] ?? ""}.py", line 71, in ${name.split(".")[1] ?? ""}`,
            "o    self.assertEqual(found, ['a/one.txt', 'a/two.txt', 'b/three.txt'])",
            "oAssertionError: Lists differ: ['a\\\\one.txt', 'a\\\\two.txt', 'b\\\\three.txt'] != ['a/one.txt', …]",
        ]);
        const end = [
            `oRan ${TESTS.length} tests in 41.7s`,
            became === FAILURE ? `oFAILED (failures=${BROKEN.length})` : "oOK",
        ];
        return ["hpython -m unittest -v", ...lines, ...(became === FAILURE ? told : []), "o", ...end];
    }
    return [`h${step} --color=always`, ...Array.from({ length: 12 }, (_, n) => `o${step}: ${n + 1} of 12`), "odone"];
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). @param {number} seed */
function randomOf(seed) {
    let state = seed;
    return () => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
    };
}
