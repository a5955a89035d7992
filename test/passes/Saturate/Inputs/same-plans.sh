#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# same-plans.sh STAGE MODEL...: what a model is at that stage from its composite and from its
# primitive import.
stage=$1
shift
count=0
for model; do
  [ -f "$model/config.json" ] || continue
  tern-compile "$model" --compile-to="$stage" -o composite || exit 1
  tern-compile "$model" --import=primitive --compile-to="$stage" -o primitive || exit 1
  cmp composite primitive || { echo "$model: expected one module from both imports, found two"; exit 1; }
  count=$((count + 1))
done
echo "$count models"
