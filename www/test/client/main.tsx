/** A page that keeps some lists, for the tests to look at. */
import { signal } from "@preact/signals";
import { render } from "preact";
import { live } from "../../src/api/live";
import { openStore } from "../../src/api/open";
import { StoreProvider, useLive, useOne, useStore } from "../../src/widgets/live";

const store = openStore(new URL(document.baseURI));
const wanted = signal("newest");

function App() {
    const name = wanted.value;
    return (
        <>
            <button onClick={() => (wanted.value = "running")}>running</button>
            <button onClick={() => (wanted.value = "endless")}>endless</button>
            <button onClick={() => (wanted.value = "one")}>one</button>
            <button onClick={() => (wanted.value = "missing")}>missing</button>
            {name === "endless" ? (
                <Endless />
            ) : name === "one" ? (
                <One id={1} />
            ) : name === "missing" ? (
                <One id={1_000_000} />
            ) : (
                <Lists name={name} />
            )}
            <output id="state">{useStore().status.value.state}</output>
        </>
    );
}

function Lists({ name }: { name: string }) {
    const { builds, builders } = useLive({
        builds: live("builds", name === "running" ? { complete: false } : { order: "-buildid", limit: 20 }),
        builders: live("builders", { field: "name" }),
    });
    if (builders.state.value === "loading") return <output id="shown">loading</output>;
    return (
        <output id="shown">{JSON.stringify([name, builders.rows.value.length, builds.rows.value[0]?.buildid])}</output>
    );
}

function Endless() {
    const { builds } = useLive({ builds: live("builds", { order: "-buildid", limit: 2 }, { endless: true }) });
    return <output id="shown">{JSON.stringify(builds.rows.value.map(({ buildid }) => buildid))}</output>;
}

function One({ id }: { id: number }) {
    const { row, error } = useOne(live(`builds/${id}`, { field: "number" }));
    return <output id="shown">{JSON.stringify([row.value?.number, error.value?.code])}</output>;
}

render(
    <StoreProvider value={store}>
        <App />
    </StoreProvider>,
    document.body,
);
