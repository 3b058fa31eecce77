#!/bin/sh
# Makes .venv from the lock files: nothing is installed whose hash is not in them. Run by `make setup`; safe to repeat.
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }

python=""
for name in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$name; break; fi
done
if [ -z "$python" ]; then
    say "Gemet Sekul needs Python 3.11 or newer, and found none (looked for python3 and python3.11 to python3.14)."
    say "On Debian or Ubuntu: apt-get install python3 python3-venv"
    exit 1
fi

if ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    say "1/3  virtual environment, with $("$python" --version)"
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            say "     the module venv is missing; installing python$version-venv"
            apt-get update -qq && apt-get install -y -qq "python$version-venv" >/dev/null
        else
            say "The module venv of Python is missing. On Debian or Ubuntu: apt-get install python$version-venv"
            exit 1
        fi
    fi
    "$python" -m venv --clear .venv
fi

if ! .venv/bin/uv --version 2>/dev/null | grep -qF "$(sed -n 's/^uv==\([0-9.]*\).*/uv \1/p' bootstrap.lock)"; then
    say "2/3  uv, the installer"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r bootstrap.lock
fi

say "3/3  packages of requirements.lock"
# On a terminal uv shows its progress; elsewhere it would only list what it did.
quiet=--quiet
if [ -t 2 ]; then quiet=; fi
.venv/bin/uv pip sync $quiet --python .venv/bin/python --require-hashes requirements.lock
# The source tree itself, so that the command `sekul` runs what is being edited. uv is its own build backend here.
.venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --offline -e .
# Compiled once here, for where PYTHONDONTWRITEBYTECODE is set every process would do it again at each start. A package may
# carry a file that is no Python of this version.
.venv/bin/python -m compileall -qq -j 0 .venv/lib schemas services || true
touch .venv/.ready
