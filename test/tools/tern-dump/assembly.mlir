// The instructions of a kernel, and of no other; branches name addresses that are there.
// RUN: tern-compile %s --target-cpu=haswell -o %t.tern
// RUN: tern-dump %t.tern --assembly=rows_0 > %t.rows
// RUN: FileCheck %s --implicit-check-not=kernel < %t.rows
// RUN: tern-dump %t.tern --assembly='*' | FileCheck %s --check-prefix=ALL --implicit-check-not="no instruction"
// RUN: not tern-dump %t.tern --assembly=attention 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: python3 %S/Inputs/branches.py %t.rows | FileCheck %s --check-prefix=BRANCHES

// CHECK:      kernel rows_0
// CHECK-NEXT: {{^ +[0-9a-f]+}}:{{[[:space:]][a-z]+[[:space:]]}}
// CHECK:      : {{[[:space:]]*}}ret
// ALL-COUNT-2: kernel
// NONE: tern-dump: --assembly: expected a part of a kernel's name, found 'attention'
// BRANCHES: {{[1-9][0-9]*}} branches, 0 to no instruction

tern.dim @T from 1 to 8

func.func @normalised(%x: tensor<?x64xf32, #tern.dims<T>>) -> tensor<?x64xf32, #tern.dims<T>> {
  %0 = tern.softmax "td/d" %x : tensor<?x64xf32, #tern.dims<T>>
  return %0 : tensor<?x64xf32, #tern.dims<T>>
}

func.func @sum(%x: tensor<?x8xf32, #tern.dims<T>>) -> tensor<?x8xf32, #tern.dims<T>> {
  %0 = tern.add %x, %x : tensor<?x8xf32, #tern.dims<T>>, tensor<?x8xf32, #tern.dims<T>>
  return %0 : tensor<?x8xf32, #tern.dims<T>>
}
