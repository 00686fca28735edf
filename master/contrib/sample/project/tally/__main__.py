"""The command: ``python -m tally FILE ...``."""

from __future__ import annotations

import sys
from pathlib import Path

from tally.count import countText
from tally.report import asTable


def main(arguments: list[str]) -> int:
    if not arguments:
        print("usage: python -m tally FILE ...", file=sys.stderr)
        return 2
    rows = [(name, countText(Path(name).read_text(encoding="utf-8"))) for name in arguments]
    print(asTable(rows), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
