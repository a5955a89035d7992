#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# check_install.sh CMAKE BUILD SOURCE: what `cmake --install` leaves is enough for programs outside.
set -eu
cmake=$1 build=$2 source=$3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$cmake" --install "$build" --prefix "$folder/prefix" > "$folder/log"
"$cmake" -S "$source/test/unit/runtime/installed" -B "$folder/build" -Wno-dev \
  -DCMAKE_PREFIX_PATH="$folder/prefix" -DEXAMPLE="$source/runtime/example/generate.c" > "$folder/log"
"$cmake" --build "$folder/build" > "$folder/log" || { cat "$folder/log" >&2; exit 1; }
"$folder/build/in_cxx" | grep -q '^/none: expected a file that can be read'
"$folder/build/in_c" /none 1 1 2>&1 | grep -q '^generate: /none: expected a file that can be read'
