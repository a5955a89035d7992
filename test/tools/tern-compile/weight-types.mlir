// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A weight has the type and the shape of the checkpoint's tensor, or nothing is made or run.
// DEFINE: %{model} = %S/../../data/models/llama
// RUN: tern-compile %s --weights=%{model} -o %t.tern
// RUN: not tern-compile %s -o %t.tern 2>&1 | FileCheck %s --check-prefix=NONE
// NONE: weight-types.mlir: expected --weights=PATH, where its weight 'model.norm.weight' is, found no weights

// RUN: sed 's/64xf32/64xbf16/g' %s > %t.type.mlir
// RUN: not tern-compile %t.type.mlir --weights=%{model} -o %t.tern 2>&1 | FileCheck %s --check-prefix=TYPE
// TYPE: weight 'model.norm.weight': expected 'tensor<64xbf16>', found a tensor of f32 with the shape [64]
// RUN: not tern-run %t.type.mlir --weights=%{model} --reference --function=norm 2>&1 | FileCheck %s --check-prefix=REFERENCE
// REFERENCE: finds no tensor 'model.norm.weight' of type 'tensor<64xbf16>'

// RUN: sed 's/64xf32/2x32xf32/g' %s > %t.shape.mlir
// RUN: not tern-compile %t.shape.mlir --weights=%{model} -o %t.tern 2>&1 | FileCheck %s --check-prefix=SHAPE
// SHAPE: weight 'model.norm.weight': expected 'tensor<2x32xf32>', found a tensor of f32 with the shape [64]

// RUN: sed 's/model.norm/model.form/g' %s > %t.name.mlir
// RUN: not tern-compile %t.name.mlir --weights=%{model} -o %t.tern 2>&1 | FileCheck %s --check-prefix=NAME
// NAME: weight 'model.form.weight': expected 'tensor<64xf32>', found no such tensor in the checkpoint

func.func @norm() -> tensor<64xf32> {
  %0 = tern.weight "model.norm.weight" : tensor<64xf32>
  %1 = tern.silu %0 : tensor<64xf32>
  return %1 : tensor<64xf32>
}
