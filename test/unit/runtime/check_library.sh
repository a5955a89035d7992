#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# check_library.sh LIBTERN.SO: the runtime is small, needs the C and C++ libraries alone, shows
# the C API alone, and computes nothing: kernels come from artefacts.
set -eu
library=$1
stripped=$(mktemp)
trap 'rm -f "$stripped"' EXIT
status=0

fail() {
  echo "$library: $1" >&2
  status=1
}

strip -o "$stripped" "$library"
bytes=$(wc -c < "$stripped")
[ "$bytes" -le 400000 ] || fail "expected at most 400000 bytes stripped, found $bytes"

needed=$(readelf -d "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' |
  grep -vE '^(libc|libm|libstdc\+\+|libgcc_s|ld-linux.*)\.so' || true)
[ -z "$needed" ] || fail "expected to need the C and C++ libraries alone, found $needed"

seen=$(nm -D --defined-only "$library" | awk '{print $3}' | grep -v '^tern_' || true)
[ -z "$seen" ] || fail "expected to show names tern_* alone, found $seen"

case $(uname -m) in
x86_64) arithmetic='v?mulp[sdh]|vf[n]?m(add|sub)[0-9]*|v?dpps|vdpbf16ps|vpdpbusd|v?pmaddubsw' ;;
aarch64) arithmetic='f(mul|mla|mls|madd|msub)[[:space:]]+v|bfdot|[su]dot' ;;
*) exit "$status" ;;
esac
found=$(objdump -d --no-show-raw-insn "$stripped" |
  grep -E "^[[:space:]]+[0-9a-f]+:[[:space:]]+($arithmetic)" | head -3 || true)
[ -z "$found" ] || fail "expected no packed products of floats, found $found"
echo "$bytes bytes stripped"
exit "$status"
