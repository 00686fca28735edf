"""Says where the code is not as it should be, one warning a line; fails only when a file is no Python.

``python tools/style.py FOLDER ...``
"""

import ast
import sys
from pathlib import Path

LONGEST = 99


def check(path):
    text = path.read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > LONGEST:
            yield f"{path}:{number}: warning: line of {len(line)} characters"
        if "TODO" in line and "style.py" not in path.name:
            yield f"{path}:{number}: warning: something is left to do"
    for node in ast.parse(text).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not ast.get_docstring(node):
            yield f"{path}:{node.lineno}: warning: {node.name} has no docstring"


def main(folders):
    for folder in folders:
        for path in sorted(Path(folder).rglob("*.py")):
            for line in check(path):
                print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
