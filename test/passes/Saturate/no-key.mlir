// DEFINE: %{given} = --input=2x1x4xf32=1 --input=3x1x4xf32=1 --input=3x1x4xf32=2
// DEFINE: %{row} = %{given} --input=1x2x3xf32=0
// DEFINE: %{rows} = %{given} --input=1x2x3xf32=-2
// RUN: tern-run %s --reference --function=written %{row} | FileCheck %s --check-prefix=SOFTMAX
// RUN: tern-run %s --rules=none --function=written %{row} | FileCheck %s --check-prefix=SOFTMAX
// RUN: tern-run %s --function=written %{row} | FileCheck %s --check-prefix=ATTENTION
// RUN: tern-run %s --reference --function=operation %{row} | FileCheck %s --check-prefix=ATTENTION
// RUN: tern-run %s --function=operation %{row} | FileCheck %s --check-prefix=ATTENTION
// RUN: tern-run %s --function=written %{rows} | FileCheck %s --check-prefix=SEEN
// RUN: tern-run %s --rules=none --function=written %{rows} | FileCheck %s --check-prefix=SEEN
// RUN: tern-run %s --function=operation %{rows} | FileCheck %s --check-prefix=SEEN

// A row that sees no key has no softmax, and the attention that is found of it is 0; so is one that
// was written. A mask of other numbers than 0 and 1 says what is seen, too.
// SOFTMAX:   2x1x4xf32={{-?}}nan,{{-?}}nan,
// ATTENTION: 2x1x4xf32=0,0,0,0,0,0,0,0
// SEEN:      2x1x4xf32=2,2,2,2,2,2,2,2

func.func @written(%q: tensor<2x1x4xf32>, %k: tensor<3x1x4xf32>, %v: tensor<3x1x4xf32>, %m: tensor<1x2x3xf32>) -> tensor<2x1x4xf32> {
  %c = tern.constant dense<0.5> : tensor<f32>
  %i = tern.constant dense<0xFF800000> : tensor<f32>
  %s = tern.contract "thd,shd->hts" %q, %k : tensor<2x1x4xf32>, tensor<3x1x4xf32>
  %z = tern.mul %s, %c : tensor<1x2x3xf32>, tensor<f32>
  %w = tern.where %m, %z, %i : tensor<1x2x3xf32>, tensor<1x2x3xf32>, tensor<f32>
  %p = tern.softmax "hts/s" %w : tensor<1x2x3xf32>
  %y = tern.contract "hts,shd->thd" %p, %v : tensor<1x2x3xf32>, tensor<3x1x4xf32>
  return %y : tensor<2x1x4xf32>
}
func.func @operation(%q: tensor<2x1x4xf32>, %k: tensor<3x1x4xf32>, %v: tensor<3x1x4xf32>, %m: tensor<1x2x3xf32>) -> tensor<2x1x4xf32> {
  %o = tern.constant dense<0.0> : tensor<f32>
  %i = tern.constant dense<0xFF800000> : tensor<f32>
  %b = tern.where %m, %o, %i : tensor<1x2x3xf32>, tensor<f32>, tensor<f32>
  %y = tern.attention %q, %k, %v mask %b scale 0.5 : tensor<2x1x4xf32>, tensor<3x1x4xf32>, tensor<3x1x4xf32>, tensor<1x2x3xf32>
  return %y : tensor<2x1x4xf32>
}
