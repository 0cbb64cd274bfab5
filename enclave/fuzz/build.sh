#!/bin/sh
# Builds the fuzz targets into a folder.
#
#   enclave/fuzz/build.sh OUT fuzz      libFuzzer, with ASan and UBSan (clang, or the one named in CLANG)
#   enclave/fuzz/build.sh OUT replay    runs named files, with ASan and UBSan (cc)
#   enclave/fuzz/build.sh OUT cover     runs named files, with gcov's counters (cc)
#
# PLANTED names a folder whose files stand in for those of enclave/src, for planted bugs.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
cd "$out"
include="-I$root/enclave/include -I$root/enclave/src -I$root/enclave/ports/posix -I$root/enclave/fuzz"
sanitize="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -g"
clang=${CLANG:-$(for name in clang clang-19 clang-16 clang-14; do command -v $name && break; done || true)}
case $2 in
fuzz) cc=${clang:?none found: install clang (Debian: clang), or name one in CLANG} flags="-O1 $sanitize -fsanitize=fuzzer-no-link -DFUZZ_MUTATOR -w" link="-fsanitize=fuzzer" main= ;;
replay) cc=${CC:-cc} flags="-O1 $sanitize" link="" main=$root/enclave/fuzz/replay.c ;;
cover) cc=${CC:-cc} flags="-O0 -g --coverage" link="" main=$root/enclave/fuzz/replay.c ;;
*) echo "fuzz, replay or cover?" >&2 && exit 2 ;;
esac

widths="portable:4:6:"
case $(uname -m) in
x86_64) widths="$widths avx2:8:6:-mavx2,-mfma avx512:16:14:-mavx512f,-mavx512bw,-mavx512dq,-mavx512vl,-mfma"
    widths="$widths avx512vnni:16:14:-mavx512vnni,-mavx512f,-mavx512bw,-mavx512dq,-mavx512vl,-mfma" ;;
aarch64) widths="$widths neon:4:9:" ;;
esac
kernels=${flags%--coverage}
[ "$2" = fuzz ] || kernels=$(echo "$kernels" | sed s/-O1/-O0/) # compiled in a fifth of the time
for width in $widths; do
    IFS=: read -r name vl rows more <<END
$width
END
    for file in kernels kernels_gemm; do
        object="${file}_$name.o"
        [ -e "$object" ] && [ -z "$(find "$root/enclave/include" "$root/enclave/src" -name '*.[ch]' -newer "$object")" ] && continue
        { $cc $kernels -std=gnu11 -ffp-contract=fast -fno-math-errno $include -DCLO_NAME="$name" -DCLO_VL="$vl" \
            -DCLO_ROWS="$rows" -DCLO_NV=2 $(echo "$more" | tr , ' ') -c "$root/enclave/src/$file.c" -o "$object" ||
            rm -f "$object"; } & # both of a width at a time; the linker misses what failed
    done
    wait
done

for file in plan session message claims hpke; do
    source=$root/enclave/src/$file.c
    [ -f "${PLANTED:-/nowhere}/$file.c" ] && source=$PLANTED/$file.c
    $cc $flags -std=gnu11 -ffp-contract=off $include -c "$source" -o "$file.o"
done
port="$root/enclave/ports/posix/cpu.c $root/enclave/ports/posix/crypto.c"
for target in fuzz_plan fuzz_session; do
    $cc $flags $link -std=gnu11 $include "$root/enclave/fuzz/$target.c" $main $port \
        plan.o session.o message.o claims.o hpke.o kernels_*.o -lcrypto -o "$target"
done
