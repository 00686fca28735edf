import { useEffect, useState } from "preact/hooks";
import type { Site } from "../../api/generated";

interface About {
    readonly site: Site | undefined;
    readonly info: { readonly title: string; readonly version: string; readonly summary: string };
}

export default function AboutPage() {
    const [about, setAbout] = useState<About | Error>();
    useEffect(() => {
        const leaving = new AbortController();
        ask(leaving.signal).then(setAbout, (error: unknown) => {
            if (!leaving.signal.aborted) setAbout(error instanceof Error ? error : new Error(String(error)));
        });
        return () => leaving.abort();
    }, []);
    return (
        <>
            <h1>About this server</h1>
            {about instanceof Error ? (
                <p role="alert">The server did not say what it is: {about.message}. Load the page again to ask anew.</p>
            ) : (
                about && <Facts {...about} />
            )}
        </>
    );
}

function Facts({ site, info }: About) {
    return (
        <dl>
            {site && (
                <>
                    <dt>Installation</dt>
                    <dd>{site.title_url ? <a href={site.title_url}>{site.title}</a> : site.title}</dd>
                </>
            )}
            <dt>Server</dt>
            <dd>
                {info.title} {info.version}: {info.summary}
            </dd>
            <dt>API</dt>
            <dd>
                <a href="about/api">All paths, to be tried out</a>,{" "}
                <a href="about/api/openapi.json">OpenAPI document</a>
            </dd>
        </dl>
    );
}

async function ask(signal: AbortSignal): Promise<About> {
    const [{ sites }, { info }] = await Promise.all([
        json<{ sites: Site[] }>("api/v2/site", signal),
        json<Pick<About, "info">>("about/api/openapi.json", signal),
    ]);
    return { site: sites[0], info };
}

async function json<Body>(address: string, signal: AbortSignal): Promise<Body> {
    const response = await fetch(new URL(address, document.baseURI), { signal });
    if (!response.ok) throw new Error(`HTTP status ${response.status}`);
    return (await response.json()) as Body;
}
