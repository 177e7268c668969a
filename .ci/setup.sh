#!/bin/sh
# Sets this checkout up: the virtual environment .venv, the locked packages, and the system's libraries.
#
#   .ci/setup.sh run      what the program needs to run (make demo)
#   .ci/setup.sh test     that, and what the checks need (make test)
#   .ci/setup.sh java     Java and JAXB, so that the veraPDF checks run too (.ci/run)
#   .ci/setup.sh browser  Chromium, so that the checks of pages in a browser run too (.ci/run)
#
# Each may be run again at any time: what is there already is left as it is.
# System packages come through apt, as root or through a sudo that asks for no password;
# where neither may be had, the script stops and names the command to run.
# PYTHON names the Python for a new .venv; otherwise the first on the PATH that is 3.11 or later.
set -eu
cd "$(dirname "$0")/.."

venv=.venv

fail() {
    printf 'setup: %s\n' "$@" >&2
    exit 1
}

# install_packages WHAT PACKAGE...: install system packages, or say how; WHAT needs them.
install_packages() {
    what=$1
    shift
    command -v apt-get >/dev/null || fail "$what needs what Debian and Ubuntu call: $*" \
        "This machine has no apt-get; install them in its own way, then run the same command again."
    if [ "$(id -u)" -eq 0 ]; then
        as_root="env"
    elif sudo -n true 2>/dev/null; then
        as_root="sudo -n env"
    else
        fail "$what needs system packages, which only root may install. Run" \
            "    sudo apt-get update && sudo apt-get install --yes --no-install-recommends $*" \
            "and then the same command again."
    fi
    echo "setup: installing $*"
    # Old lists may still name what is wanted, so a failing update alone stops nothing.
    $as_root apt-get update -qq </dev/null || true
    # Older systems lack a package of their own for the subsetter: it comes with what Pango needs.
    apt-cache show libharfbuzz-subset0 >/dev/null 2>&1 ||
        for package in "$@"; do
            shift
            [ "$package" = libharfbuzz-subset0 ] || set -- "$@" "$package"
        done
    # shellcheck disable=SC2086  # as_root is a command with its arguments
    $as_root DEBIAN_FRONTEND=noninteractive apt-get install --yes -qq --no-install-recommends \
        -o DPkg::Lock::Timeout=300 "$@" </dev/null >&2 || fail "$what: apt-get could not install $*"
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for candidate in ${PYTHON:-python3 python3.11 python3.12 python3.13}; do
        if is_new_enough "$candidate"; then
            python=$candidate
            return
        fi
    done
    fail "no Python 3.11 or later found (looked for: ${PYTHON:-python3 python3.11 python3.12 python3.13})." \
        "Install one, or name it: make PYTHON=/path/to/python3.11 ..."
}

has_venv() {
    is_new_enough "$venv/bin/python" && "$venv/bin/python" -m pip --version >/dev/null 2>&1
}

is_loadable() {
    "$python" -c 'import ctypes, sys; ctypes.CDLL(sys.argv[1])' "$1" 2>/dev/null
}

# All that is missing in one go, so that whoever must ask for it asks once.
install_system_packages() {
    missing=
    # Debian ships the standard library without ensurepip, the part that puts pip into a new environment.
    if ! has_venv && ! "$python" -c 'import ensurepip' 2>/dev/null; then
        missing="$missing python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    fi
    # WeasyPrint draws text with Pango; HarfBuzz's subsetter makes its PDFs fast to write and stable in their bytes.
    if [ "$(uname -s)" = Linux ]; then
        is_loadable libpango-1.0.so.0 || missing="$missing libpango-1.0-0"
        is_loadable libpangoft2-1.0.so.0 || missing="$missing libpangoft2-1.0-0"
        is_loadable libharfbuzz-subset.so.0 || missing="$missing libharfbuzz-subset0"
    fi
    # shellcheck disable=SC2086  # one word a package
    [ -z "$missing" ] || install_packages "ksbtrack" $missing
}

make_venv() {
    if has_venv; then
        python=$venv/bin/python
        install_system_packages
        return
    fi
    find_python
    install_system_packages
    echo "setup: making $venv with $("$python" --version)"
    "$python" -m venv --clear "$venv"
}

# Only wheels: building a source package would run code that no hash here covers.
install_locked() {
    echo "setup: installing the packages locked in $*"
    for file in "$@"; do
        set -- "$@" -r "$file"
        shift
    done
    "$venv/bin/python" -m pip install --quiet --no-input --disable-pip-version-check \
        --only-binary :all: --require-hashes "$@"
}

install_checkout() {
    "$venv/bin/python" -m pip install --quiet --no-input --disable-pip-version-check \
        --no-index --no-deps --no-build-isolation --editable .
}

check_weasyprint() {
    "$venv/bin/python" -c 'import weasyprint' || fail "WeasyPrint, which writes the PDF, lacks what is named above." \
        "Its documentation, 'First Steps', says how to install Pango on this system."
}

install_java() {
    missing=
    command -v java >/dev/null || missing="default-jre-headless"
    [ -e /usr/share/java/jaxb-runtime.jar ] || missing="$missing libjaxb-java"
    # shellcheck disable=SC2086  # one word a package
    [ -z "$missing" ] || install_packages "veraPDF" $missing
}

install_browser() {
    for name in chromium chromium-browser google-chrome; do
        command -v "$name" >/dev/null && return
    done
    install_packages "the checks of pages in a browser" chromium
}

case "${1:-}" in
run)
    make_venv
    install_locked requirements.txt requirements-build.txt
    install_checkout
    check_weasyprint
    ;;
test)
    make_venv
    install_locked requirements-dev.txt
    install_checkout
    check_weasyprint
    ;;
java)
    install_java
    ;;
browser)
    install_browser
    ;;
*)
    fail "usage: .ci/setup.sh run|test|java|browser"
    ;;
esac
