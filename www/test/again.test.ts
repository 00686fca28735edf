/** Lists of what is in no event, against a real server on which builds happen. */
import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { Connection } from "../src/api/connection";
import { Api } from "../src/api/http";
import { live } from "../src/api/live";
import { scheduler } from "../src/api/scheduler";
import { Store } from "../src/api/store";
import { HAS_SERVER, Replay } from "./replay";
import { beginning } from "./site";

const query = { field: "name", expand: "first_failed_build,last_good_build" } as const;
const broken = live("builders", query, { again: "builds/*/finished" });

describe.skipIf(!HAS_SERVER)("lists that are asked for anew", () => {
    let replay: Replay;
    let api: Api;
    let store: Store;
    let asked = 0;

    beginning(async (keep) => {
        // At the end of these lives a builder is broken.
        replay = await keep(Replay.start("--lives", "30", "--rate", "300", "--seed", "7", "--together", "1"));
        api = new Api(replay.base, (input, init) => {
            asked += 1;
            return fetch(input, init);
        });
        const open = () => new WebSocket(new URL("ws", replay.base.href.replace(/^http/, "ws")));
        store = await keep(new Store(api, new Connection(open, scheduler), scheduler));
    });

    test("come to show what a list gives, and ask once for all that happens in some seconds", async () => {
        const held = store.want(broken);
        const release = store.hold(broken);
        const began = Date.now();
        await held.settled;
        let others = 0;
        const fresh = async (path: string, query = {}) => {
            others += 1;
            return (await api.get(path, query)).rows;
        };
        await expect.poll(() => fresh("builds", { complete: true, limit: 25 })).toHaveLength(25);
        // Builds still happen, so what is compared is read at the same time.
        const isRight = async () => {
            const rows = await fresh("builders", { ...query, field: ["builderid", "name"] });
            return rows.some((row) => row["first_failed_build"]) && isDeepStrictEqual(held.rows.value, rows);
        };
        await expect.poll(isRight, { interval: 200 }).toBe(true);
        expect(asked - others).toBeGreaterThan(1);
        expect(asked - others).toBeLessThan(3 + (Date.now() - began) / 4000);
        release();
    });
});
