#!/bin/sh
# Makes .venv with the Python named by the first argument, by whatever way this machine offers.
set -u
python=$1

if ! command -v "$python" >/dev/null; then
    echo "There is no $python here. mailhold needs Python 3.11 or newer: make PYTHON=/path/to/python3" >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "mailhold needs Python 3.11 or newer, and $python is $("$python" -V 2>&1). Use: make PYTHON=/path/to/python3" >&2
    exit 1
fi

if "$python" -c 'import ensurepip' 2>/dev/null; then
    exec "$python" -m venv .venv
fi
if "$python" -m virtualenv --version >/dev/null 2>&1; then
    exec "$python" -m virtualenv --quiet .venv
fi
# Debian and Ubuntu keep a part of Python's venv in a package of its own.
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing python$version-venv ..."
    apt-get update -qq && apt-get install -y -qq --no-install-recommends "python$version-venv" >/dev/null && exec "$python" -m venv .venv
fi
echo "This Python cannot make virtual environments. On Debian and Ubuntu: sudo apt-get install python$version-venv" >&2
exit 1
