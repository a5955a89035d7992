// RUN: tern-opt %s --tern-saturate | FileCheck %s
// RUN: tern-opt %s --tern-saturate=rules=bit | FileCheck %s --check-prefix=BIT

tern.dim @T from 1 to 512

// CHECK-LABEL: @siblings
// CHECK-DAG:     %[[Q:.*]] = tern.weight "q"
// CHECK-DAG:     %[[K:.*]] = tern.weight "k"
// CHECK-DAG:     %[[V:.*]] = tern.weight "v"
// CHECK:         %[[W:.*]] = tern.concat %[[Q]], %[[K]], %[[V]] axis 0
// CHECK:         %[[Y:.*]] = tern.contract "ab,cb->ac" %{{.*}}, %[[W]]
// CHECK:         %[[A:.*]] = tern.slice %[[Y]] axis 1 from 0 size 33
// CHECK:         %[[B:.*]] = tern.slice %[[Y]] axis 1 from 33 size 16
// CHECK:         %[[C:.*]] = tern.slice %[[Y]] axis 1 from 49 size 8
// CHECK:         return %[[A]], %[[B]], %[[C]]
func.func @siblings(%x: tensor<?x64xf32, #tern.dims<T>>) -> (tensor<?x33xf32, #tern.dims<T>>, tensor<?x16xf32, #tern.dims<T>>, tensor<?x8xf32, #tern.dims<T>>) {
  %q = tern.weight "q" : tensor<33x64xbf16>
  %k = tern.weight "k" : tensor<16x64xbf16>
  %v = tern.weight "v" : tensor<8x64xbf16>
  %0 = tern.contract "tk,nk->tn" %x, %q : tensor<?x64xf32, #tern.dims<T>>, tensor<33x64xbf16>
  %1 = tern.contract "tk,nk->tn" %x, %k : tensor<?x64xf32, #tern.dims<T>>, tensor<16x64xbf16>
  %2 = tern.contract "tk,nk->tn" %x, %v : tensor<?x64xf32, #tern.dims<T>>, tensor<8x64xbf16>
  return %0, %1, %2 : tensor<?x33xf32, #tern.dims<T>>, tensor<?x16xf32, #tern.dims<T>>, tensor<?x8xf32, #tern.dims<T>>
}

// Weights of two element types, and two operands, are two families each.
// CHECK-LABEL: @no_siblings
// CHECK-NOT:     tern.concat
// CHECK:         return
func.func @no_siblings(%x: tensor<?x64xf32, #tern.dims<T>>, %y: tensor<?x64xf32, #tern.dims<T>>) -> (tensor<?x32xf32, #tern.dims<T>>, tensor<?x16xf32, #tern.dims<T>>, tensor<?x16xf32, #tern.dims<T>>) {
  %q = tern.weight "q" : tensor<32x64xbf16>
  %k = tern.weight "k" : tensor<16x64xf16>
  %v = tern.weight "v" : tensor<16x64xbf16>
  %0 = tern.contract "tk,nk->tn" %x, %q : tensor<?x64xf32, #tern.dims<T>>, tensor<32x64xbf16>
  %1 = tern.contract "tk,nk->tn" %x, %k : tensor<?x64xf32, #tern.dims<T>>, tensor<16x64xf16>
  %2 = tern.contract "tk,nk->tn" %y, %v : tensor<?x64xf32, #tern.dims<T>>, tensor<16x64xbf16>
  return %0, %1, %2 : tensor<?x32xf32, #tern.dims<T>>, tensor<?x16xf32, #tern.dims<T>>, tensor<?x16xf32, #tern.dims<T>>
}

// Matrices of the step are not joined, which would copy them.
// CHECK-LABEL: @step_matrices
// CHECK-COUNT-2: tern.contract
func.func @step_matrices(%x: tensor<?x64xf32, #tern.dims<T>>, %a: tensor<8x64xf32>, %b: tensor<8x64xf32>) -> (tensor<?x8xf32, #tern.dims<T>>, tensor<?x8xf32, #tern.dims<T>>) {
  %0 = tern.contract "tk,nk->tn" %x, %a : tensor<?x64xf32, #tern.dims<T>>, tensor<8x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %b : tensor<?x64xf32, #tern.dims<T>>, tensor<8x64xf32>
  return %0, %1 : tensor<?x8xf32, #tern.dims<T>>, tensor<?x8xf32, #tern.dims<T>>
}

// CHECK-LABEL: @transposes
// CHECK-SAME:    (%[[X:.*]]: tensor<4x8xf32>, %[[W:.*]]: tensor<6x4xf32>)
// CHECK-NEXT:    tern.contract "ab,ca->bc" %[[X]], %[[W]]
// CHECK-NEXT:    return
func.func @transposes(%x: tensor<4x8xf32>, %w: tensor<6x4xf32>) -> tensor<8x6xf32> {
  %0 = tern.contract "kt,nk->tn" %x, %w : tensor<4x8xf32>, tensor<6x4xf32>
  return %0 : tensor<8x6xf32>
}

// CHECK-LABEL: @transpose_right
// CHECK-SAME:    (%[[X:.*]]: tensor<?x8xf32{{.*}}, %[[W:.*]]: tensor<8x8xf32>)
// CHECK-NEXT:    tern.contract "ab,bc->ac" %[[X]], %[[W]]
// CHECK-NEXT:    return
func.func @transpose_right(%x: tensor<?x8xf32, #tern.dims<T>>, %w: tensor<8x8xf32>) -> tensor<?x8xf32, #tern.dims<T>> {
  %0 = tern.transpose "kn->nk" %w : tensor<8x8xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<?x8xf32, #tern.dims<T>>, tensor<8x8xf32>
  return %1 : tensor<?x8xf32, #tern.dims<T>>
}

// CHECK-LABEL: @transpose_right_rows
// CHECK-SAME:    (%[[X:.*]]: tensor<?x8xf32{{.*}}, %[[W:.*]]: tensor<8x8xf32>)
// CHECK-NEXT:    tern.contract "ab,cb->ac" %[[X]], %[[W]]
// CHECK-NEXT:    return
func.func @transpose_right_rows(%x: tensor<?x8xf32, #tern.dims<T>>, %w: tensor<8x8xf32>) -> tensor<?x8xf32, #tern.dims<T>> {
  %0 = tern.transpose "nk->kn" %w : tensor<8x8xf32>
  %1 = tern.contract "tk,kn->tn" %x, %0 : tensor<?x8xf32, #tern.dims<T>>, tensor<8x8xf32>
  return %1 : tensor<?x8xf32, #tern.dims<T>>
}

// CHECK-LABEL: @transpose_left
// CHECK-SAME:    (%[[X:.*]]: tensor<?x8xf32{{.*}}, %[[W:.*]]: tensor<6x8xf32>)
// CHECK-NEXT:    tern.contract "ab,cb->ac" %[[X]], %[[W]]
// CHECK-NEXT:    return
func.func @transpose_left(%x: tensor<?x8xf32, #tern.dims<T>>, %w: tensor<6x8xf32>) -> tensor<?x6xf32, #tern.dims<T>> {
  %0 = tern.transpose "tk->kt" %x : tensor<?x8xf32, #tern.dims<T>>
  %1 = tern.contract "kt,nk->tn" %0, %w : tensor<8x?xf32, #tern.dims<T>>, tensor<6x8xf32>
  return %1 : tensor<?x6xf32, #tern.dims<T>>
}

// Whatever the letters and the order in which they stand.
// CHECK-LABEL: @transpose_first
// CHECK-SAME:    (%[[X:.*]]: tensor<8x8xf32>, %[[W:.*]]: tensor<8x8xf32>)
// CHECK-NEXT:    tern.contract "ab,bc->ac" %[[X]], %[[W]]
// CHECK-NEXT:    return
func.func @transpose_first(%x: tensor<8x8xf32>, %w: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = tern.transpose "ab->ba" %x : tensor<8x8xf32>
  %1 = tern.contract "kn,kt->nt" %0, %w : tensor<8x8xf32>, tensor<8x8xf32>
  return %1 : tensor<8x8xf32>
}

// Both readers of the scaled row take the scale into their weights.
// CHECK-LABEL: @norm_scale
// CHECK:         %[[N:.*]] = tern.rms_norm
// CHECK:         tern.concat
// CHECK:         tern.mul %{{.*}} : tensor<24x64xf32>, tensor<24x64xf32>
// CHECK:         tern.contract "ab,cb->ac" %[[N]],
// CHECK-NOT:     tern.mul
// CHECK:         return
// BIT-LABEL:   @norm_scale
// BIT:           tern.mul %{{.*}} : tensor<?x64xf32
func.func @norm_scale(%x: tensor<?x64xf32, #tern.dims<T>>) -> (tensor<?x16xf32, #tern.dims<T>>, tensor<?x8xf32, #tern.dims<T>>) {
  %0 = tern.rms_norm "tk/k" %x epsilon 1.0e-05 : tensor<?x64xf32, #tern.dims<T>>
  %g = tern.weight "norm" : tensor<64xf32>
  %b = tern.broadcast "k->tk" %g : tensor<64xf32> to tensor<?x64xf32, #tern.dims<T>>
  %1 = tern.mul %0, %b : tensor<?x64xf32, #tern.dims<T>>, tensor<?x64xf32, #tern.dims<T>>
  %w = tern.weight "w" : tensor<16x64xf32>
  %v = tern.weight "v" : tensor<8x64xf32>
  %2 = tern.contract "tk,nk->tn" %1, %w : tensor<?x64xf32, #tern.dims<T>>, tensor<16x64xf32>
  %3 = tern.contract "tk,nk->tn" %1, %v : tensor<?x64xf32, #tern.dims<T>>, tensor<8x64xf32>
  return %2, %3 : tensor<?x16xf32, #tern.dims<T>>, tensor<?x8xf32, #tern.dims<T>>
}

// It does not pay where the scaled row is needed anyway.
// CHECK-LABEL: @norm_scale_read_elsewhere
// CHECK:         %[[Y:.*]] = tern.mul %{{.*}} : tensor<?x64xf32
// CHECK:         tern.contract "ab,cb->ac" %[[Y]]
func.func @norm_scale_read_elsewhere(%x: tensor<?x64xf32, #tern.dims<T>>) -> (tensor<?x16xf32, #tern.dims<T>>, tensor<?x64xf32, #tern.dims<T>>) {
  %0 = tern.rms_norm "tk/k" %x epsilon 1.0e-05 : tensor<?x64xf32, #tern.dims<T>>
  %g = tern.weight "norm" : tensor<64xf32>
  %b = tern.broadcast "k->tk" %g : tensor<64xf32> to tensor<?x64xf32, #tern.dims<T>>
  %1 = tern.mul %0, %b : tensor<?x64xf32, #tern.dims<T>>, tensor<?x64xf32, #tern.dims<T>>
  %w = tern.weight "w" : tensor<16x64xf32>
  %2 = tern.contract "tk,nk->tn" %1, %w : tensor<?x64xf32, #tern.dims<T>>, tensor<16x64xf32>
  return %2, %1 : tensor<?x16xf32, #tern.dims<T>>, tensor<?x64xf32, #tern.dims<T>>
}

// Nor where the weight is read unscaled too, and would be resident twice.
// CHECK-LABEL: @norm_scale_tied
// CHECK:         %[[W:.*]] = tern.weight "w"
// CHECK-NOT:     tern.mul %[[W]]
// CHECK:         tern.contract "ab,cb->ac" %{{.*}}, %[[W]]
func.func @norm_scale_tied(%i: tensor<?xi32, #tern.dims<T>>) -> tensor<?x32000xf32, #tern.dims<T>> {
  %w = tern.weight "w" : tensor<32000x64xf32>
  %g = tern.weight "norm" : tensor<64xf32>
  %x = tern.gather "vd,t->td" %w, %i : tensor<32000x64xf32>, tensor<?xi32, #tern.dims<T>>
  %0 = tern.rms_norm "tk/k" %x epsilon 1.0e-05 : tensor<?x64xf32, #tern.dims<T>>
  %b = tern.broadcast "k->tk" %g : tensor<64xf32> to tensor<?x64xf32, #tern.dims<T>>
  %1 = tern.mul %0, %b : tensor<?x64xf32, #tern.dims<T>>, tensor<?x64xf32, #tern.dims<T>>
  %2 = tern.contract "tk,nk->tn" %1, %w : tensor<?x64xf32, #tern.dims<T>>, tensor<32000x64xf32>
  return %2 : tensor<?x32000xf32, #tern.dims<T>>
}

// A narrow product would have to be rounded.
// CHECK-LABEL: @norm_scale_rounded
// CHECK:         tern.mul %{{.*}} : tensor<?x64xbf16
func.func @norm_scale_rounded(%x: tensor<?x64xbf16, #tern.dims<T>>) -> tensor<?x16xf32, #tern.dims<T>> {
  %0 = tern.rms_norm "tk/k" %x epsilon 1.0e-05 : tensor<?x64xbf16, #tern.dims<T>>
  %g = tern.weight "norm" : tensor<64xbf16>
  %b = tern.broadcast "k->tk" %g : tensor<64xbf16> to tensor<?x64xbf16, #tern.dims<T>>
  %1 = tern.mul %0, %b : tensor<?x64xbf16, #tern.dims<T>>, tensor<?x64xbf16, #tern.dims<T>>
  %w = tern.weight "w" : tensor<16x64xbf16>
  %2 = tern.contract "tk,nk->tn" %1, %w : tensor<?x64xbf16, #tern.dims<T>>, tensor<16x64xbf16>
  return %2 : tensor<?x16xf32, #tern.dims<T>>
}

// The scale and the weight are of two types.
// CHECK-LABEL: @norm_scale_narrow
// CHECK:         tern.mul %{{.*}} : tensor<?x64xf32
func.func @norm_scale_narrow(%x: tensor<?x64xf32, #tern.dims<T>>) -> tensor<?x16xf32, #tern.dims<T>> {
  %0 = tern.rms_norm "tk/k" %x epsilon 1.0e-05 : tensor<?x64xf32, #tern.dims<T>>
  %g = tern.weight "norm" : tensor<64xf32>
  %b = tern.broadcast "k->tk" %g : tensor<64xf32> to tensor<?x64xf32, #tern.dims<T>>
  %1 = tern.mul %0, %b : tensor<?x64xf32, #tern.dims<T>>, tensor<?x64xf32, #tern.dims<T>>
  %w = tern.weight "w" : tensor<16x64xbf16>
  %2 = tern.contract "tk,nk->tn" %1, %w : tensor<?x64xf32, #tern.dims<T>>, tensor<16x64xbf16>
  return %2 : tensor<?x16xf32, #tern.dims<T>>
}

// An operand without axes is a factor.
// CHECK-LABEL: @scalar_times_matrix
// CHECK:         %[[T:.*]] = tern.transpose "ab->ba" %arg1
// CHECK:         tern.mul %arg0, %[[T]]
func.func @scalar_times_matrix(%x: tensor<f32>, %y: tensor<3x2xf32>) -> tensor<2x3xf32> {
  %0 = tern.contract ",pq->qp" %x, %y : tensor<f32>, tensor<3x2xf32>
  return %0 : tensor<2x3xf32>
}
