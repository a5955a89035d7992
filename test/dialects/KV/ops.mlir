// RUN: tern-opt %s --verify-roundtrip

tern.dim @T from 1 to 512
tern.dim @B from 1 to 64

func.func @step(%q: tensor<?x4x16xf32, #tern.dims<T>>, %k: tensor<?x2x16xf32, #tern.dims<T>>, %p: tensor<?xi32, #tern.dims<T>>, %c: !kv.cache<2 x 2, 16, 16, f16>, %b: !kv.batch<T, B>, %layer: index, %s: tensor<4xf32>) {
  %0 = kv.append %c, %k, %k, %p, %b at %layer : !kv.cache<2 x 2, 16, 16, f16>, tensor<?x2x16xf32, #tern.dims<T>>, tensor<?x2x16xf32, #tern.dims<T>>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
  %1 = kv.attend %q, %0, %p, %b at %layer scale 2.5e-01 : tensor<?x4x16xf32, #tern.dims<T>>, !kv.cache<2 x 2, 16, 16, f16>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
  %2, %3 = kv.attend %1, %0, %p, %b at %layer scale 2.5e-01 window 8 soft_cap 3.0e+01 scores : tensor<?x4x16xf32, #tern.dims<T>>, !kv.cache<2 x 2, 16, 16, f16>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
  %4 = kv.attend %1, %0, %p, %b at %layer scale 2.5e-01 slopes %s : tensor<?x4x16xf32, #tern.dims<T>>, !kv.cache<2 x 2, 16, 16, f16>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>, tensor<4xf32>
  %5, %6 = kv.attend %1, %0, %p, %b at %layer scale 2.5e-01 slopes %s in bf16 scores : tensor<?x4x16xf32, #tern.dims<T>>, !kv.cache<2 x 2, 16, 16, f16>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>, tensor<4xf32>
  return
}

func.func @recurrence(%x: tensor<?x64xf32, #tern.dims<T>>, %w: tensor<64x4xf32>, %rate: tensor<64x8xf32>, %in: tensor<?x8xf32, #tern.dims<T>>, %c: !kv.state<2, 3 x 64>, %s: !kv.state<2, 8 x 64>, %b: !kv.batch<T, B>, %layer: index) -> (!kv.state<2, 3 x 64>, !kv.state<2, 8 x 64>) {
  %y, %c1 = kv.convolve %x, %w, %c, %b at %layer : tensor<?x64xf32, #tern.dims<T>>, tensor<64x4xf32>, !kv.state<2, 3 x 64>, !kv.batch<T, B>
  %z, %s1 = kv.scan %y, %x, %rate, %in, %in, %s, %b at %layer : tensor<?x64xf32, #tern.dims<T>>, tensor<?x64xf32, #tern.dims<T>>, tensor<64x8xf32>, tensor<?x8xf32, #tern.dims<T>>, tensor<?x8xf32, #tern.dims<T>>, !kv.state<2, 8 x 64>, !kv.batch<T, B>
  return %c1, %s1 : !kv.state<2, 3 x 64>, !kv.state<2, 8 x 64>
}

func.func @slots(%p: tensor<?xi32, #tern.dims<T>>, %c: !kv.cache<2 x 2, 16, 8, f16>, %b: !kv.batch<T, B>, %layer: index) -> (tensor<?x2x?x16xf32, #tern.dims<T, S>>, tensor<?x2x?x8xf32, #tern.dims<T, S>>, tensor<?x2x?xi32, #tern.dims<T, S>>, tensor<?x2x?xf32, #tern.dims<T, S>>, tensor<?x2x?xf32, #tern.dims<T, S>>) {
  %0 = kv.keys %c, %b at %layer slots "S" : !kv.cache<2 x 2, 16, 8, f16>, !kv.batch<T, B>
  %1 = kv.values %c, %b at %layer slots "S" : !kv.cache<2 x 2, 16, 8, f16>, !kv.batch<T, B>
  %2 = kv.positions %c, %b at %layer slots "S" : !kv.cache<2 x 2, 16, 8, f16>, !kv.batch<T, B>
  %3 = kv.visible %c, %p, %b at %layer slots "S" : !kv.cache<2 x 2, 16, 8, f16>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
  %4 = kv.visible %c, %p, %b at %layer slots "S" window 8 : !kv.cache<2 x 2, 16, 8, f16>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
  return %0, %1, %2, %3, %4 : tensor<?x2x?x16xf32, #tern.dims<T, S>>, tensor<?x2x?x8xf32, #tern.dims<T, S>>, tensor<?x2x?xi32, #tern.dims<T, S>>, tensor<?x2x?xf32, #tern.dims<T, S>>, tensor<?x2x?xf32, #tern.dims<T, S>>
}
