// RUN: tern-opt %s --tern-saturate=rules=bit | FileCheck %s

tern.dim @T from 1 to 512

// CHECK-LABEL: @perm_identity
// CHECK-SAME:    (%[[X:.*]]: tensor<4x8xf32>)
// CHECK-NEXT:    return %[[X]]
func.func @perm_identity(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %0 = tern.transpose "ab->ab" %x : tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}

// CHECK-LABEL: @perm_other
// CHECK:         tern.transpose "ab->ba"
func.func @perm_other(%x: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %0 = tern.transpose "ab->ba" %x : tensor<4x4xf32>
  return %0 : tensor<4x4xf32>
}

// CHECK-LABEL: @perm_perm
// CHECK-SAME:    (%[[X:.*]]: tensor<?x4x16xf32
// CHECK-NEXT:    return %[[X]]
func.func @perm_perm(%x: tensor<?x4x16xf32, #tern.dims<T>>) -> tensor<?x4x16xf32, #tern.dims<T>> {
  %0 = tern.transpose "thd->htd" %x : tensor<?x4x16xf32, #tern.dims<T>>
  %1 = tern.transpose "htd->thd" %0 : tensor<4x?x16xf32, #tern.dims<T>>
  return %1 : tensor<?x4x16xf32, #tern.dims<T>>
}

// A turn by one, twice, is a turn back by one and no identity, though all extents are equal.
// CHECK-LABEL: @perm_turn
// CHECK-NEXT:    tern.transpose "abc->bca"
// CHECK-NEXT:    return
func.func @perm_turn(%x: tensor<4x4x4xf32>) -> tensor<4x4x4xf32> {
  %0 = tern.transpose "abc->cab" %x : tensor<4x4x4xf32>
  %1 = tern.transpose "abc->cab" %0 : tensor<4x4x4xf32>
  return %1 : tensor<4x4x4xf32>
}

// CHECK-LABEL: @reshape_reshape
// CHECK-SAME:    (%[[X:.*]]: tensor<?x4x16xf32
// CHECK-NEXT:    return %[[X]]
func.func @reshape_reshape(%x: tensor<?x4x16xf32, #tern.dims<T>>) -> tensor<?x4x16xf32, #tern.dims<T>> {
  %0 = tern.reshape %x : tensor<?x4x16xf32, #tern.dims<T>> to tensor<?x64xf32, #tern.dims<T>>
  %1 = tern.reshape %0 : tensor<?x64xf32, #tern.dims<T>> to tensor<?x4x16xf32, #tern.dims<T>>
  return %1 : tensor<?x4x16xf32, #tern.dims<T>>
}

// CHECK-LABEL: @reshape_compose
// CHECK:         tern.reshape %{{.*}} to tensor<?x8x8xf32
// CHECK-NEXT:    return
func.func @reshape_compose(%x: tensor<?x4x16xf32, #tern.dims<T>>) -> tensor<?x8x8xf32, #tern.dims<T>> {
  %0 = tern.reshape %x : tensor<?x4x16xf32, #tern.dims<T>> to tensor<?x64xf32, #tern.dims<T>>
  %1 = tern.reshape %0 : tensor<?x64xf32, #tern.dims<T>> to tensor<?x8x8xf32, #tern.dims<T>>
  return %1 : tensor<?x8x8xf32, #tern.dims<T>>
}

// A transpose between them moves elements.
// CHECK-LABEL: @reshape_perm_reshape
// CHECK:         tern.transpose
func.func @reshape_perm_reshape(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = tern.reshape %x : tensor<8x8xf32> to tensor<4x16xf32>
  %1 = tern.transpose "ab->ba" %0 : tensor<4x16xf32>
  %2 = tern.reshape %1 : tensor<16x4xf32> to tensor<8x8xf32>
  return %2 : tensor<8x8xf32>
}

// Two cuts between heads share one regrouping.
// CHECK-LABEL: @reshape_slice
// CHECK:         %[[H:.*]] = tern.reshape %{{.*}} to tensor<?x6x16xf32
// CHECK-NEXT:    tern.slice %[[H]] axis 1 from 0 size 4
// CHECK-NEXT:    tern.slice %[[H]] axis 1 from 4 size 2
// CHECK-NEXT:    return
func.func @reshape_slice(%x: tensor<?x96xf32, #tern.dims<T>>) -> (tensor<?x4x16xf32, #tern.dims<T>>, tensor<?x2x16xf32, #tern.dims<T>>) {
  %0 = tern.slice %x axis 1 from 0 size 64 : tensor<?x96xf32, #tern.dims<T>>
  %1 = tern.slice %x axis 1 from 64 size 32 : tensor<?x96xf32, #tern.dims<T>>
  %2 = tern.reshape %0 : tensor<?x64xf32, #tern.dims<T>> to tensor<?x4x16xf32, #tern.dims<T>>
  %3 = tern.reshape %1 : tensor<?x32xf32, #tern.dims<T>> to tensor<?x2x16xf32, #tern.dims<T>>
  return %2, %3 : tensor<?x4x16xf32, #tern.dims<T>>, tensor<?x2x16xf32, #tern.dims<T>>
}

// The second cut begins within a head.
// CHECK-LABEL: @reshape_slice_within
// CHECK-COUNT-2: tern.reshape
func.func @reshape_slice_within(%x: tensor<?x96xf32, #tern.dims<T>>) -> (tensor<?x4x16xf32, #tern.dims<T>>, tensor<?x2x16xf32, #tern.dims<T>>) {
  %0 = tern.slice %x axis 1 from 0 size 64 : tensor<?x96xf32, #tern.dims<T>>
  %1 = tern.slice %x axis 1 from 56 size 32 : tensor<?x96xf32, #tern.dims<T>>
  %2 = tern.reshape %0 : tensor<?x64xf32, #tern.dims<T>> to tensor<?x4x16xf32, #tern.dims<T>>
  %3 = tern.reshape %1 : tensor<?x32xf32, #tern.dims<T>> to tensor<?x2x16xf32, #tern.dims<T>>
  return %2, %3 : tensor<?x4x16xf32, #tern.dims<T>>, tensor<?x2x16xf32, #tern.dims<T>>
}

// CHECK-LABEL: @slice_all
// CHECK-SAME:    (%[[X:.*]]: tensor<?x8xf32
// CHECK-NEXT:    return %[[X]]
func.func @slice_all(%x: tensor<?x8xf32, #tern.dims<T>>) -> tensor<?x8xf32, #tern.dims<T>> {
  %0 = tern.slice %x axis 1 from 0 size 8 : tensor<?x8xf32, #tern.dims<T>>
  return %0 : tensor<?x8xf32, #tern.dims<T>>
}

// CHECK-LABEL: @slice_slice
// CHECK-NEXT:    tern.slice %{{.*}} axis 1 from 5 size 2
// CHECK-NEXT:    return
func.func @slice_slice(%x: tensor<?x8x4xf32, #tern.dims<T>>) -> tensor<?x2x4xf32, #tern.dims<T>> {
  %0 = tern.slice %x axis 1 from 2 size 6 : tensor<?x8x4xf32, #tern.dims<T>>
  %1 = tern.slice %0 axis 1 from 3 size 2 : tensor<?x6x4xf32, #tern.dims<T>>
  return %1 : tensor<?x2x4xf32, #tern.dims<T>>
}

// CHECK-LABEL: @slice_other_axis
// CHECK-COUNT-2: tern.slice
func.func @slice_other_axis(%x: tensor<8x8x4xf32>) -> tensor<2x6x4xf32> {
  %0 = tern.slice %x axis 1 from 2 size 6 : tensor<8x8x4xf32>
  %1 = tern.slice %0 axis 0 from 3 size 2 : tensor<8x6x4xf32>
  return %1 : tensor<2x6x4xf32>
}

// CHECK-LABEL: @slice_concat
// CHECK-SAME:    (%[[X:.*]]: tensor<?x8xf32{{.*}}, %[[Y:.*]]: tensor<?x4xf32
// CHECK-NEXT:    %[[A:.*]] = tern.slice %[[X]] axis 1 from 2 size 6
// CHECK-NEXT:    return %[[A]], %[[Y]]
func.func @slice_concat(%x: tensor<?x8xf32, #tern.dims<T>>, %y: tensor<?x4xf32, #tern.dims<T>>) -> (tensor<?x6xf32, #tern.dims<T>>, tensor<?x4xf32, #tern.dims<T>>) {
  %0 = tern.concat %x, %y axis 1 : tensor<?x8xf32, #tern.dims<T>>, tensor<?x4xf32, #tern.dims<T>>
  %1 = tern.slice %0 axis 1 from 2 size 6 : tensor<?x12xf32, #tern.dims<T>>
  %2 = tern.slice %0 axis 1 from 8 size 4 : tensor<?x12xf32, #tern.dims<T>>
  return %1, %2 : tensor<?x6xf32, #tern.dims<T>>, tensor<?x4xf32, #tern.dims<T>>
}

// The cuts take the end of one part and the start of the other.
// CHECK-LABEL: @slice_concat_straddle
// CHECK:         tern.concat
func.func @slice_concat_straddle(%x: tensor<?x8xf32, #tern.dims<T>>, %y: tensor<?x4xf32, #tern.dims<T>>) -> tensor<?x6xf32, #tern.dims<T>> {
  %0 = tern.concat %x, %y axis 1 : tensor<?x8xf32, #tern.dims<T>>, tensor<?x4xf32, #tern.dims<T>>
  %1 = tern.slice %0 axis 1 from 3 size 6 : tensor<?x12xf32, #tern.dims<T>>
  return %1 : tensor<?x6xf32, #tern.dims<T>>
}
