// The pure parts of caches.

// Append and keep the last is drop and append.
func.func @window(%k: tensor<8x16xf32>, %n: tensor<2x16xf32>) -> tensor<8x16xf32> attributes {tern.seek = @window_form} {
  %0 = tern.concat %k, %n axis 0 : tensor<8x16xf32>, tensor<2x16xf32>
  %1 = tern.slice %0 axis 0 from 2 size 8 : tensor<10x16xf32>
  return %1 : tensor<8x16xf32>
}
func.func @window_form(%k: tensor<8x16xf32>, %n: tensor<2x16xf32>) -> tensor<8x16xf32> {
  %0 = tern.slice %k axis 0 from 2 size 6 : tensor<8x16xf32>
  %1 = tern.concat %0, %n axis 0 : tensor<6x16xf32>, tensor<2x16xf32>
  return %1 : tensor<8x16xf32>
}
func.func @window_not_place(%k: tensor<8x16xf32>, %n: tensor<2x16xf32>) -> tensor<8x16xf32> attributes {tern.seek = @window_form} {
  %0 = tern.concat %k, %n axis 0 : tensor<8x16xf32>, tensor<2x16xf32>
  %1 = tern.slice %0 axis 0 from 1 size 8 : tensor<10x16xf32>
  return %1 : tensor<8x16xf32>
}

// Sums of columns grow with the steps.
func.func @scores(%p: tensor<5x8xf32>, %q: tensor<2x8xf32>) -> tensor<8xf32> attributes {tern.seek = @scores_form} {
  %0 = tern.concat %p, %q axis 0 : tensor<5x8xf32>, tensor<2x8xf32>
  %1 = tern.sum "ts->s" %0 : tensor<7x8xf32>
  return %1 : tensor<8xf32>
}
func.func @scores_form(%p: tensor<5x8xf32>, %q: tensor<2x8xf32>) -> tensor<8xf32> {
  %0 = tern.sum "ts->s" %p : tensor<5x8xf32>
  %1 = tern.sum "ts->s" %q : tensor<2x8xf32>
  %2 = tern.add %0, %1 : tensor<8xf32>, tensor<8xf32>
  return %2 : tensor<8xf32>
}
func.func @scores_not_mean(%p: tensor<5x8xf32>, %q: tensor<2x8xf32>) -> tensor<8xf32> attributes {tern.seek = @scores_form} {
  %0 = tern.concat %p, %q axis 0 : tensor<5x8xf32>, tensor<2x8xf32>
  %1 = tern.mean "ts->s" %0 : tensor<7x8xf32>
  return %1 : tensor<8xf32>
}

// Scores move with their slots.
func.func @scores_compact(%p: tensor<5x8xf32>, %i: tensor<3xi32>) -> tensor<3xf32> attributes {tern.seek = @scores_compact_form} {
  %0 = tern.sum "ts->s" %p : tensor<5x8xf32>
  %1 = tern.gather "s,c->c" %0, %i : tensor<8xf32>, tensor<3xi32>
  return %1 : tensor<3xf32>
}
func.func @scores_compact_form(%p: tensor<5x8xf32>, %i: tensor<3xi32>) -> tensor<3xf32> {
  %0 = tern.gather "ts,c->tc" %p, %i : tensor<5x8xf32>, tensor<3xi32>
  %1 = tern.sum "tc->c" %0 : tensor<5x3xf32>
  return %1 : tensor<3xf32>
}
func.func @scores_compact_not_max(%p: tensor<5x8xf32>, %i: tensor<3xi32>) -> tensor<3xf32> attributes {tern.seek = @scores_compact_form} {
  %0 = tern.amax "ts->s" %p : tensor<5x8xf32>
  %1 = tern.gather "s,c->c" %0, %i : tensor<8xf32>, tensor<3xi32>
  return %1 : tensor<3xf32>
}

// Keys rotated when read, or when written.
func.func @rotated_late(%k: tensor<8x16xf32>, %n: tensor<2x16xf32>, %p: tensor<8x8xf32>, %q: tensor<2x8xf32>) -> tensor<10x16xf32> attributes {tern.seek = @rotated_late_form} {
  %0 = tern.concat %k, %n axis 0 : tensor<8x16xf32>, tensor<2x16xf32>
  %1 = tern.concat %p, %q axis 0 : tensor<8x8xf32>, tensor<2x8xf32>
  %2 = tern.cos %1 : tensor<10x8xf32>
  %3 = tern.sin %1 : tensor<10x8xf32>
  %4 = tern.rotary half %0, %2, %3 : tensor<10x16xf32>, tensor<10x8xf32>, tensor<10x8xf32>
  return %4 : tensor<10x16xf32>
}
func.func @rotated_late_form(%k: tensor<8x16xf32>, %n: tensor<2x16xf32>, %p: tensor<8x8xf32>, %q: tensor<2x8xf32>) -> tensor<10x16xf32> {
  %0 = tern.cos %p : tensor<8x8xf32>
  %1 = tern.sin %p : tensor<8x8xf32>
  %2 = tern.rotary half %k, %0, %1 : tensor<8x16xf32>, tensor<8x8xf32>, tensor<8x8xf32>
  %3 = tern.cos %q : tensor<2x8xf32>
  %4 = tern.sin %q : tensor<2x8xf32>
  %5 = tern.rotary half %n, %3, %4 : tensor<2x16xf32>, tensor<2x8xf32>, tensor<2x8xf32>
  %6 = tern.concat %2, %5 axis 0 : tensor<8x16xf32>, tensor<2x16xf32>
  return %6 : tensor<10x16xf32>
}
func.func @rotated_late_not_order(%k: tensor<8x16xf32>, %n: tensor<2x16xf32>, %p: tensor<8x8xf32>, %q: tensor<2x8xf32>) -> tensor<10x16xf32> attributes {tern.seek = @rotated_late_form} {
  %0 = tern.concat %n, %k axis 0 : tensor<2x16xf32>, tensor<8x16xf32>
  %1 = tern.concat %q, %p axis 0 : tensor<2x8xf32>, tensor<8x8xf32>
  %2 = tern.cos %1 : tensor<10x8xf32>
  %3 = tern.sin %1 : tensor<10x8xf32>
  %4 = tern.rotary half %0, %2, %3 : tensor<10x16xf32>, tensor<10x8xf32>, tensor<10x8xf32>
  return %4 : tensor<10x16xf32>
}

// Cached inputs in place of cached values.
func.func @values_late(%p: tensor<1x512xf32>, %z: tensor<512x64xf32>) -> tensor<1x64xf32> attributes {tern.seek = @values_late_form} {
  %0 = tern.weight "w" : tensor<64x64xf32>
  %1 = tern.contract "sv,nv->sn" %z, %0 : tensor<512x64xf32>, tensor<64x64xf32>
  %2 = tern.contract "ts,sn->tn" %p, %1 : tensor<1x512xf32>, tensor<512x64xf32>
  return %2 : tensor<1x64xf32>
}
func.func @values_late_form(%p: tensor<1x512xf32>, %z: tensor<512x64xf32>) -> tensor<1x64xf32> {
  %0 = tern.contract "ts,sv->tv" %p, %z : tensor<1x512xf32>, tensor<512x64xf32>
  %1 = tern.weight "w" : tensor<64x64xf32>
  %2 = tern.contract "tv,nv->tn" %0, %1 : tensor<1x64xf32>, tensor<64x64xf32>
  return %2 : tensor<1x64xf32>
}
func.func @values_late_not_transposed(%p: tensor<1x512xf32>, %z: tensor<512x64xf32>) -> tensor<1x64xf32> attributes {tern.seek = @values_late_form} {
  %0 = tern.weight "w" : tensor<64x64xf32>
  %1 = tern.contract "sv,vn->sn" %z, %0 : tensor<512x64xf32>, tensor<64x64xf32>
  %2 = tern.contract "ts,sn->tn" %p, %1 : tensor<1x512xf32>, tensor<512x64xf32>
  return %2 : tensor<1x64xf32>
}

// Masked slots may be dropped.
func.func @dropped(%x: tensor<5x8xf32>, %k: tensor<8x16xf32>, %v: tensor<8x16xf32>) -> tensor<8x16xf32> attributes {tern.seek = @dropped_form} {
  %0 = tern.concat %k, %v axis 0 : tensor<8x16xf32>, tensor<8x16xf32>
  %1 = tern.slice %0 axis 0 from 0 size 8 : tensor<16x16xf32>
  return %1 : tensor<8x16xf32>
}
func.func @dropped_form(%x: tensor<5x8xf32>, %k: tensor<8x16xf32>, %v: tensor<8x16xf32>) -> tensor<8x16xf32> {
  return %k : tensor<8x16xf32>
}
func.func @dropped_not_second(%x: tensor<5x8xf32>, %k: tensor<8x16xf32>, %v: tensor<8x16xf32>) -> tensor<8x16xf32> attributes {tern.seek = @dropped_form} {
  %0 = tern.concat %k, %v axis 0 : tensor<8x16xf32>, tensor<8x16xf32>
  %1 = tern.slice %0 axis 0 from 8 size 8 : tensor<16x16xf32>
  return %1 : tensor<8x16xf32>
}
