#!/bin/sh
# Makes sure that a C compiler, OpenSSL's headers and Python's headers and venv are there.
# As root it installs what is missing with apt; otherwise it names it and ends with 1.
# Usage: system_packages.sh PYTHON
set -eu
python=${1:?usage: system_packages.sh PYTHON}

command -v "$python" >/dev/null 2>&1 || {
    echo "cloister: no Python found; install python3 (3.11 or later)" >&2
    exit 1
}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "cloister: $("$python" --version) is too old; 3.11 or later is needed (make PYTHON=...)" >&2
    exit 1
}

missing=
command -v gcc >/dev/null 2>&1 || missing="$missing gcc libc6-dev"
echo '#include <openssl/evp.h>' | gcc -E -x c - >/dev/null 2>&1 || missing="$missing libssl-dev"
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
include=$("$python" -c 'import sysconfig; print(sysconfig.get_paths()["include"])')
[ -f "$include/Python.h" ] || missing="$missing python$version-dev"
"$python" -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python$version-venv"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "cloister: installing$missing" >&2
    apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
    echo "cloister: please install$missing (for example: sudo apt-get install$missing)" >&2
    exit 1
fi
