#!/bin/sh
# Fuzzes validator and session, one after the other, from the committed corpus and what earlier runs found.
#
#   enclave/fuzz/run.sh [SECONDS [OUT]]     600 for each, build/fuzz
set -eu
here=$(cd "$(dirname "$0")" && pwd)
seconds=${1:-600}
out=${2:-$here/../../build/fuzz}
"$here/build.sh" "$out" fuzz
cd "$out"
for target in plan session; do
    mkdir -p "found/$target"
    "./fuzz_$target" -max_total_time="$seconds" -max_len=8192 -timeout=30 -print_final_stats=1 \
        "found/$target" "$here/corpus/$target"
done
