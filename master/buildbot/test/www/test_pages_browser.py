"""The web pages as a real browser takes them: everything that pages need works under their policy, and nothing else."""

from __future__ import annotations

import json

from playwright.sync_api import expect
from twisted.internet.threads import deferToThread

from buildbot.test.www.eventclients import EventsCase
from buildbot.test.www.installed import Environment
from buildbot.test.www.test_browser import WAIT, browser, findBrowser
from buildbot.www.pages import META, Pages
from buildbot.www.settings import WebSettings

INDEX = """<!doctype html>
<html lang="en">
    <head>
        <base href="./">
        <link rel="icon" href="./assets/icon-1.svg" />
        <title>Before</title>
        <script>document.title = "Inline";</script>
        <script type="module" crossorigin src="./assets/index-1.js"></script>
        <link rel="stylesheet" crossorigin href="./assets/index-1.css">
    </head>
    <body></body>
</html>
"""
SCRIPT = """
const at = (path) => new URL(path, document.baseURI).href;
const told = JSON.parse(document.querySelector('meta[name="META"]').content);
const [plugin] = told.plugins;
const module = await import(at(plugin.module));
const answer = await fetch("api/v2/builders?limit=1");
const worker = new SharedWorker(at("assets/worker-1.js"));
const socket = new WebSocket(at("ws").replace("http", "ws"));
const first = (target, name) => new Promise((done) => target.addEventListener(name, done, { once: true }));
worker.port.start();
const [said] = await Promise.all([first(worker.port, "message"), first(socket, "open")]);
socket.close();
document.body.textContent = JSON.stringify({
    plugin: module.words(plugin.options),
    answer: answer.status,
    worker: said.data,
    style: getComputedStyle(document.body).getPropertyValue("--told").trim(),
});
""".replace("META", META)
FILES = {
    "index.html": INDEX,
    "assets/index-1.js": SCRIPT,
    "assets/index-1.css": "body { --told: styled; }\n",
    "assets/icon-1.svg": '<svg xmlns="http://www.w3.org/2000/svg" />',
    "assets/worker-1.js": 'self.onconnect = ({ ports: [port] }) => port.postMessage("works");\n',
}
VIEW = {
    "index.js": 'import { sign } from "./lib/sign.js";\nexport const words = ({ days }) => `${days}${sign}`;\n',
    "lib/sign.js": 'export const sign = "!";\n',
}


class PagesInABrowser(EventsCase):
    timeout = 120
    settings = WebSettings(baseURL="http://localhost/below/")

    def setUp(self) -> None:
        environment = Environment(self)
        environment.installPages(FILES)
        environment.installView("heat", VIEW)
        self.pages = Pages.installed({"heat": {"days": 30}})
        super().setUp()

    async def test_policy(self) -> None:
        """At an address deep in the pages, below a proxy's path: script, style, a view's modules, questions, a worker
        and a socket all work; a script that stands in the page does not run, which is all that the browser
        complains of."""
        findBrowser()
        await deferToThread(self.look)

    def look(self) -> None:
        with browser() as started:
            page = started.new_page()
            complaints: list[str] = []
            page.on("console", lambda message: complaints.append(message.text))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto(f"http://127.0.0.1:{self.number}/below/builders/python3.12/builds/7?tab=steps")
            expect(page.locator("body")).not_to_be_empty(timeout=WAIT)
            self.assertEqual(
                json.loads(page.locator("body").inner_text()),
                {"plugin": "30!", "answer": 200, "worker": "works", "style": "styled"},
            )
            self.assertEqual(page.title(), "Before")
            [complaint] = complaints
            self.assertIn("inline script violates the following Content Security Policy", complaint)
