#!/bin/sh
# same-terms.sh MODEL...: what the laws make of a model's composite and of its primitive import.
for model; do
  tern-compile "$model" --compile-to=import > import.mlir || exit 1
  tern-opt import.mlir --tern-to-saturate --tern-sort-terms > composite.mlir || exit 1
  tern-opt import.mlir --tern-expand-composites --tern-to-saturate --tern-sort-terms > primitive.mlir || exit 1
  cmp composite.mlir primitive.mlir || exit 1
done
