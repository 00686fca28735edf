#!/bin/sh
# Makes .venv with everything that running and testing need, in the versions of constraints.txt.
#
#   tools/venv.sh            make or renew .venv
#   tools/venv.sh --newest   take the newest versions instead and write them to constraints.txt, and those of the stock
#                            Buildbot's environment to constraints-stock.txt
#
# $PYTHON chooses the interpreter; without it the first of python3, python3.14 ... python3.11 that is new enough.
set -e -u
cd "$(dirname "$0")/.."
extras='.[postgresql,compression,tls,dev]'

newEnough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

hasVenv() {
    "$1" -c 'import ensurepip, venv' 2>/dev/null
}

mayInstall() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null
}

aptInstall() {
    echo "installing $* through apt ..."
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null
}

findPython() {
    if [ -n "${PYTHON:-}" ]; then
        newEnough "$PYTHON" && echo "$PYTHON"
        return
    fi
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        if newEnough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
}

python=$(findPython || true)
if [ -z "$python" ] && [ -z "${PYTHON:-}" ] && mayInstall; then
    aptInstall python3 python3-venv
    python=$(findPython || true)
fi
if [ -z "$python" ]; then
    found=$("${PYTHON:-python3}" --version 2>/dev/null || echo 'not to be found')
    echo "Python 3.11 or newer is needed; ${PYTHON:-python3} is $found." >&2
    echo "Install one, or name it: make PYTHON=/path/to/python3.12 ..." >&2
    exit 1
fi
if ! hasVenv "$python"; then
    package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if mayInstall; then
        aptInstall "$package"
    fi
    if ! hasVenv "$python"; then
        echo "$python cannot make virtual environments: install the package $package (on Debian and Ubuntu)." >&2
        exit 1
    fi
fi

if [ "${1:-}" = --newest ]; then
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    "$python" -m venv "$folder"
    "$folder/bin/pip" install --quiet --disable-pip-version-check -e "$extras"
    {
        echo '# Every version that `make test` was last seen to pass with. Written by `make constraints`; bounds are in'
        echo '# pyproject.toml.'
        "$folder/bin/pip" freeze --exclude-editable --exclude buildbot-status
    } >constraints.txt
    stock=$("$folder/bin/python" -c 'from buildbot.test.oracle.environment import REQUIREMENTS; print(*REQUIREMENTS)')
    "$python" -m venv --clear "$folder"
    # shellcheck disable=SC2086
    "$folder/bin/pip" install --quiet --disable-pip-version-check $stock
    {
        echo '# The stock Buildbot that is tested against and that the sandbox runs: every version of its environment.'
        "$folder/bin/pip" freeze
    } >constraints-stock.txt
    exit 0
fi

if ! [ -x .venv/bin/python ] || ! newEnough .venv/bin/python; then
    echo "making .venv with $("$python" --version) ..."
    rm -rf .venv
    "$python" -m venv .venv
fi
echo "installing into .venv (a minute or so at the first time) ..."
.venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e "$extras"
touch .venv/.ready
