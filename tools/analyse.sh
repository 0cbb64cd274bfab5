#!/bin/sh
# Reads core and POSIX port with gcc's static analyzer; any warning ends it with 1. Clean with gcc 12 and 14.
#
#   tools/analyse.sh [quick]     quick: all but the kernels, which take most of the time; CC names the compiler
set -eu
cd "$(dirname "$0")/../enclave"
cc=${CC:-gcc}
flags="-std=gnu11 -O1 -Wall -Wextra -Werror -fanalyzer -Iinclude -Isrc -Iports/posix -c -o /dev/null"
# gcc 12 takes the lanes of a vector for its bits: it warns of each shift by 23 of four of 32 bits.
kernels="-DCLO_NAME=portable -DCLO_VL=4 -DCLO_ROWS=6 -DCLO_NV=2 -ffp-contract=fast -fno-math-errno
    -Wno-unused-parameter -Wno-analyzer-shift-count-overflow"

status=0
for file in src/*.c ports/posix/*.c; do
    more=
    case $file in
    src/kernels*) [ "${1:-}" = quick ] && continue; more=$kernels ;;
    src/plan.c) more=-Wno-unused-parameter ;; # as the build
    esac
    # shellcheck disable=SC2086
    $cc $flags $more "$file" || status=1
done
exit $status
