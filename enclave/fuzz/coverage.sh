#!/bin/sh
# Lines of container reader, validator, session and channel that the committed corpus covers; fails below 95 %.
#
#   enclave/fuzz/coverage.sh [OUT]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
out=${1:-$(mktemp -d)}
"$here/build.sh" "$out" cover
cd "$out"
find . -name '*.gcda' -delete
./fuzz_plan "$here"/corpus/plan/*
./fuzz_session "$here"/corpus/session/*
for file in plan session message claims hpke; do gcov -r -s "$root" "$file.o" 2>/dev/null; done |
    sed -n "s/^File '\(.*\)'/\1/p; s/^Lines executed:\(.*\)% of \(.*\)/\1 \2/p" |
    awk '
        /\.[ch]$/ { file = $1; next }
        file ~ /(src\/)?(plan|session|message|claims|hpke|bytes)\.[ch]$/ { print file ": " $1 " % of " $2 " lines"; if (file ~ /\.c$/) { hit += $1 * $2 / 100; all += $2 } }
        { file = "" }
        END { printf "together: %.1f %% of %d lines\n", 100 * hit / all, all; exit hit < 0.95 * all }'
