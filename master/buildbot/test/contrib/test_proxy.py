"""nginx and Caddy before the API, below a path of theirs: real ones, where they are installed."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from twisted.trial.unittest import SkipTest, TestCase

from buildbot.test.contrib.attached import database, fetched, patiently, started
from buildbot.test.postgres import freePort

CONTRIB = Path(__file__).resolve().parents[3] / "contrib"
PROGRAM = Path(sys.executable).parent / "buildbot-status"
HOST = "ci.example.org"
NGINX = """
daemon off; pid {folder}/nginx.pid; error_log stderr;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    server {{ listen 127.0.0.1:{port}; server_name {host}; {snippet} }}
}}
"""
CONFIG = """
c = BuildmasterConfig = {{}}
c["db"] = {{"db_url": {db!r}}}
c["buildbotURL"] = "https://{host}/status/"
c["www"] = {{"port": "tcp:{port}:interface=127.0.0.1", "trusted_proxies": ["127.0.0.1"], "logfileName": "access.log"}}
"""


class ProxyTest(TestCase):
    """Each snippet, with its ports replaced."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).resolve()
        self.folder.mkdir(parents=True)
        self.folder.chmod(0o755)
        self.port, self.backend = freePort(), freePort()

    def test_nginx(self) -> None:
        """Below /status/, nginx passes on everything, with the client's address."""
        program = self.program("nginx")
        snippet = self.snippet("nginx.conf")
        config = self.folder / "nginx.conf"
        config.write_text(NGINX.format(folder=self.folder, port=self.port, host=HOST, snippet=f"\n{snippet}\n"))
        self.serve([program, "-c", config, "-p", self.folder])

    def test_caddy(self) -> None:
        """Below /status/, Caddy passes on everything, with the client's address."""
        program = self.program("caddy")
        config = self.folder / "Caddyfile"
        site = self.snippet("Caddyfile").replace(f"{HOST} {{", f"http://{HOST}:{self.port} {{\n\tbind 127.0.0.1")
        config.write_text("{\n\tadmin off\n\tauto_https off\n}\n" + site)
        self.serve([program, "run", "--adapter", "caddyfile", "--config", config])

    def program(self, name: str) -> str:
        found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
        if found is None:
            raise SkipTest(f"{name} is not installed")
        return found

    def snippet(self, name: str) -> str:
        return (CONTRIB / "proxy" / name).read_text().replace("127.0.0.1:8020", f"127.0.0.1:{self.backend}")

    def serve(self, proxy: list[str | Path]) -> None:
        config = self.folder / "status.cfg"
        config.write_text(CONFIG.format(db=database(self.folder), host=HOST, port=self.backend))
        started(self, [PROGRAM, "attach", "--config", config], self.folder / "attach.log")
        log = self.folder / "proxy.log"
        process = started(self, proxy, log)
        url = f"http://127.0.0.1:{self.port}/status/"
        status, body, _ = fetched(process, log, f"{url}api/v2/builders?limit=1", Host=HOST)
        self.assertEqual(status, 200, body)
        self.assertEqual(len(json.loads(body)["builders"]), 1)
        status, body, _ = fetched(process, log, f"{url}api/v2/nothing", Host=HOST)
        self.assertEqual(status, 404)
        self.assertEqual(json.loads(body)["type"], "/status/about/errors/not-found")
        access = self.folder / "access.log"
        # Lines are written some at a time.
        line = patiently(lambda: access.read_text().rpartition("\n")[0] if access.exists() else None, lambda: "no line")
        self.assertEqual(json.loads(line.splitlines()[0])["client"], "127.0.0.1")
