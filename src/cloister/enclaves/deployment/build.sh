#!/bin/sh
# Builds and signs the enclave; needs Gramine 1.6 or newer. Prints MRENCLAVE for the policy.
#   GRAMINE_KEY=key.pem ./build.sh       the key: gramine-sgx-gen-private-key key.pem
set -eu
cd "$(dirname "$0")"
libdir=/lib/$(gcc -dumpmachine 2>/dev/null || echo x86_64-linux-gnu)
gramine-manifest -Darch_libdir="$libdir" cloister-enclave.manifest.template cloister-enclave.manifest
gramine-sgx-sign --key "${GRAMINE_KEY:?the key that signs}" \
  --manifest cloister-enclave.manifest --output cloister-enclave.manifest.sgx
gramine-sgx-sigstruct-view cloister-enclave.sig
