# Sourced by the commands in script/: finds a fitting Python and keeps .venv in step with the requirements.
# POSIX sh. The commands run at the top of the checkout.
#
#   TOUCHPOINT_PYTHON  the Python to make .venv with, instead of the first fitting one
#   TOUCHPOINT_VENV    a virtual environment that somebody else keeps: it is used as it is

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "$*"
    exit 1
}

# python_fits COMMAND: COMMAND starts a Python of a version that the requirements resolve on.
python_fits() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
}

# find_python: print the command of the Python to use.
find_python() {
    if [ -n "${TOUCHPOINT_PYTHON:-}" ]; then
        python_fits "$TOUCHPOINT_PYTHON" ||
            fail "TOUCHPOINT_PYTHON is $TOUCHPOINT_PYTHON, which is not a Python 3.11, 3.12 or 3.13."
        echo "$TOUCHPOINT_PYTHON"
        return
    fi
    for command in python3 python3.13 python3.12 python3.11 python; do
        if python_fits "$command"; then
            echo "$command"
            return
        fi
    done
    found=$(python3 --version 2>/dev/null) || found="no python3"
    fail "Touchpoint needs Python 3.11, 3.12 or 3.13, and found $found. Install one of them, or name one in TOUCHPOINT_PYTHON."
}

# check_python COMMAND: the parts of Python that Linux distributions pack apart are there.
check_python() {
    "$1" -c 'import ensurepip, venv' >/dev/null 2>&1 ||
        fail "This Python cannot make virtual environments: install its venv package (Debian and Ubuntu: apt-get install python3-venv)."
    "$1" -c 'import sqlite3, sys; sys.exit(sqlite3.sqlite_version_info < (3, 35))' >/dev/null 2>&1 ||
        fail "This Python has no SQLite 3.35 or newer: install one that was built with it (Debian and Ubuntu: apt-get install python3)."
}

# ensure_venv FILE ...: .venv exists and holds what the requirement files ask for. Sets $python.
ensure_venv() {
    if [ -n "${TOUCHPOINT_VENV:-}" ]; then
        python=$TOUCHPOINT_VENV/bin/python
        [ -x "$python" ] || fail "TOUCHPOINT_VENV is $TOUCHPOINT_VENV, which holds no bin/python."
        return
    fi
    python=.venv/bin/python
    # A half-made or moved environment, or one whose Python has gone, is made again.
    if ! { python_fits "$python" && "$python" -m pip --version; } >/dev/null 2>&1; then
        base=$(find_python) || exit 1
        check_python "$base"
        say "Making the virtual environment .venv with $("$base" --version)."
        "$base" -m venv --clear .venv || fail "The virtual environment could not be made; the reason stands above."
    fi
    for file in "$@"; do
        install_requirements "$file"
    done
}

# install_requirements FILE: once for each content. FILE may include requirements.txt, so both are summed.
install_requirements() {
    stamp=.venv/installed-$1
    sum=$(cat requirements.txt "$1" | cksum)
    [ "$(cat "$stamp" 2>/dev/null)" = "$sum" ] && return
    say "Installing $1 (once; about a minute)."
    "$python" -m pip install --quiet --disable-pip-version-check --requirement "$1" ||
        fail "Installing $1 failed; the reason stands above. The first start needs the Python package index."
    echo "$sum" >"$stamp"
}
