#!/bin/sh
# Brings what single tests use and skip without: a browser, a software TPM, valgrind, an Arm compiler and emulator, network
# namespaces. As root it installs what is missing with apt; otherwise it names it. Never fails: the tests say what they skip.
set -eu
missing=
need() { command -v "$1" >/dev/null 2>&1 || missing="$missing $2"; }
need chromium chromium
need swtpm swtpm
need tpm2_createprimary tpm2-tools
need valgrind valgrind
need aarch64-linux-gnu-gcc "gcc-aarch64-linux-gnu libc6-dev-arm64-cross"
need qemu-aarch64 qemu-user
need ip iproute2
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "cloister: installing for the tests:$missing" >&2
    # shellcheck disable=SC2086
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } >/dev/null ||
        echo "cloister: apt did not bring all of it; the tests that need it skip" >&2
else
    echo "cloister: some tests skip without$missing (for example: sudo apt-get install$missing)" >&2
fi
