"""A bare Twisted server: sends given bytes and writes its default log.

``bare.py FOLDER LOG``: the files of FOLDER, by name.
"""

from __future__ import annotations

import sys
from pathlib import Path

from twisted.internet import reactor
from twisted.python import log
from twisted.web.resource import Resource
from twisted.web.server import Site
from twisted.web.static import Data


def main(folder: Path, logFile: Path) -> None:
    log.startLogging(logFile.open("w"), setStdout=False)
    root = Resource()
    for file in folder.iterdir():
        root.putChild(file.name.encode(), Data(file.read_bytes(), "application/json"))
    port = reactor.listenTCP(0, Site(root), interface="127.0.0.1")
    print(f"http://127.0.0.1:{port.getHost().port}", flush=True)
    reactor.run()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
