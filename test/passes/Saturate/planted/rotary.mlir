// Rotary positions: found, absorbed, shared.

// The halves of each head turn, by the definition.
func.func @half(%x: tensor<5x4x16xf32>, %a: tensor<5x8xf32>) -> tensor<5x4x16xf32> attributes {tern.seek = @half_form} {
  %0 = tern.slice %x axis 2 from 0 size 8 : tensor<5x4x16xf32>
  %1 = tern.cos %a : tensor<5x8xf32>
  %2 = tern.broadcast "th->tnh" %1 : tensor<5x8xf32> to tensor<5x4x8xf32>
  %3 = tern.mul %0, %2 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %4 = tern.slice %x axis 2 from 8 size 8 : tensor<5x4x16xf32>
  %5 = tern.sin %a : tensor<5x8xf32>
  %6 = tern.broadcast "th->tnh" %5 : tensor<5x8xf32> to tensor<5x4x8xf32>
  %7 = tern.mul %4, %6 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %8 = tern.sub %3, %7 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %9 = tern.mul %4, %2 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %10 = tern.mul %0, %6 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %11 = tern.add %9, %10 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %12 = tern.concat %8, %11 axis 2 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  return %12 : tensor<5x4x16xf32>
}
func.func @half_form(%x: tensor<5x4x16xf32>, %a: tensor<5x8xf32>) -> tensor<5x4x16xf32> {
  %0 = tern.cos %a : tensor<5x8xf32>
  %1 = tern.sin %a : tensor<5x8xf32>
  %2 = tern.rotary half %x, %0, %1 : tensor<5x4x16xf32>, tensor<5x8xf32>, tensor<5x8xf32>
  return %2 : tensor<5x4x16xf32>
}
func.func @half_not_back(%x: tensor<5x4x16xf32>, %a: tensor<5x8xf32>) -> tensor<5x4x16xf32> attributes {tern.seek = @half_form} {
  %0 = tern.slice %x axis 2 from 0 size 8 : tensor<5x4x16xf32>
  %1 = tern.cos %a : tensor<5x8xf32>
  %2 = tern.broadcast "th->tnh" %1 : tensor<5x8xf32> to tensor<5x4x8xf32>
  %3 = tern.mul %0, %2 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %4 = tern.slice %x axis 2 from 8 size 8 : tensor<5x4x16xf32>
  %5 = tern.sin %a : tensor<5x8xf32>
  %6 = tern.broadcast "th->tnh" %5 : tensor<5x8xf32> to tensor<5x4x8xf32>
  %7 = tern.mul %4, %6 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %8 = tern.add %3, %7 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %9 = tern.mul %4, %2 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %10 = tern.mul %0, %6 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %11 = tern.sub %9, %10 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %12 = tern.concat %8, %11 axis 2 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  return %12 : tensor<5x4x16xf32>
}
func.func @half_not_second(%x: tensor<5x4x16xf32>, %a: tensor<5x8xf32>) -> tensor<5x4x16xf32> attributes {tern.seek = @half_form} {
  %0 = tern.slice %x axis 2 from 0 size 8 : tensor<5x4x16xf32>
  %1 = tern.cos %a : tensor<5x8xf32>
  %2 = tern.broadcast "th->tnh" %1 : tensor<5x8xf32> to tensor<5x4x8xf32>
  %3 = tern.mul %0, %2 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %4 = tern.slice %x axis 2 from 8 size 8 : tensor<5x4x16xf32>
  %5 = tern.sin %a : tensor<5x8xf32>
  %6 = tern.broadcast "th->tnh" %5 : tensor<5x8xf32> to tensor<5x4x8xf32>
  %7 = tern.mul %4, %6 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %8 = tern.sub %3, %7 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %9 = tern.mul %4, %2 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %10 = tern.mul %0, %6 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %11 = tern.sub %9, %10 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %12 = tern.concat %8, %11 axis 2 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  return %12 : tensor<5x4x16xf32>
}
func.func @half_not_angles(%x: tensor<5x4x16xf32>, %a: tensor<5x8xf32>) -> tensor<5x4x16xf32> attributes {tern.seek = @half_form} {
  %0 = tern.slice %x axis 2 from 0 size 8 : tensor<5x4x16xf32>
  %1 = tern.cos %a : tensor<5x8xf32>
  %2 = tern.broadcast "th->tnh" %1 : tensor<5x8xf32> to tensor<5x4x8xf32>
  %3 = tern.mul %0, %2 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %4 = tern.slice %x axis 2 from 8 size 8 : tensor<5x4x16xf32>
  %5 = tern.mul %4, %2 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %6 = tern.sub %3, %5 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %7 = tern.add %5, %3 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %8 = tern.concat %6, %7 axis 2 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  return %8 : tensor<5x4x16xf32>
}

// The spelling of most decoders.
func.func @rotate_half(%x: tensor<5x16xf32>, %a: tensor<5x8xf32>) -> tensor<5x16xf32> attributes {tern.seek = @rotate_half_form} {
  %0 = tern.cos %a : tensor<5x8xf32>
  %1 = tern.concat %0, %0 axis 1 : tensor<5x8xf32>, tensor<5x8xf32>
  %2 = tern.mul %x, %1 : tensor<5x16xf32>, tensor<5x16xf32>
  %3 = tern.slice %x axis 1 from 8 size 8 : tensor<5x16xf32>
  %4 = tern.neg %3 : tensor<5x8xf32>
  %5 = tern.slice %x axis 1 from 0 size 8 : tensor<5x16xf32>
  %6 = tern.concat %4, %5 axis 1 : tensor<5x8xf32>, tensor<5x8xf32>
  %7 = tern.sin %a : tensor<5x8xf32>
  %8 = tern.concat %7, %7 axis 1 : tensor<5x8xf32>, tensor<5x8xf32>
  %9 = tern.mul %6, %8 : tensor<5x16xf32>, tensor<5x16xf32>
  %10 = tern.add %2, %9 : tensor<5x16xf32>, tensor<5x16xf32>
  return %10 : tensor<5x16xf32>
}
func.func @rotate_half_form(%x: tensor<5x16xf32>, %a: tensor<5x8xf32>) -> tensor<5x16xf32> {
  %0 = tern.cos %a : tensor<5x8xf32>
  %1 = tern.sin %a : tensor<5x8xf32>
  %2 = tern.rotary half %x, %0, %1 : tensor<5x16xf32>, tensor<5x8xf32>, tensor<5x8xf32>
  return %2 : tensor<5x16xf32>
}
func.func @rotate_half_not_sign(%x: tensor<5x16xf32>, %a: tensor<5x8xf32>) -> tensor<5x16xf32> attributes {tern.seek = @rotate_half_form} {
  %0 = tern.cos %a : tensor<5x8xf32>
  %1 = tern.concat %0, %0 axis 1 : tensor<5x8xf32>, tensor<5x8xf32>
  %2 = tern.mul %x, %1 : tensor<5x16xf32>, tensor<5x16xf32>
  %3 = tern.slice %x axis 1 from 8 size 8 : tensor<5x16xf32>
  %4 = tern.slice %x axis 1 from 0 size 8 : tensor<5x16xf32>
  %5 = tern.concat %3, %4 axis 1 : tensor<5x8xf32>, tensor<5x8xf32>
  %6 = tern.sin %a : tensor<5x8xf32>
  %7 = tern.concat %6, %6 axis 1 : tensor<5x8xf32>, tensor<5x8xf32>
  %8 = tern.mul %5, %7 : tensor<5x16xf32>, tensor<5x16xf32>
  %9 = tern.add %2, %8 : tensor<5x16xf32>, tensor<5x16xf32>
  return %9 : tensor<5x16xf32>
}
func.func @rotate_half_not_other(%x: tensor<5x16xf32>, %a: tensor<5x8xf32>) -> tensor<5x16xf32> attributes {tern.seek = @rotate_half_form} {
  %0 = tern.cos %a : tensor<5x8xf32>
  %1 = tern.concat %0, %0 axis 1 : tensor<5x8xf32>, tensor<5x8xf32>
  %2 = tern.mul %x, %1 : tensor<5x16xf32>, tensor<5x16xf32>
  %3 = tern.slice %x axis 1 from 8 size 8 : tensor<5x16xf32>
  %4 = tern.slice %x axis 1 from 0 size 8 : tensor<5x16xf32>
  %5 = tern.neg %4 : tensor<5x8xf32>
  %6 = tern.concat %3, %5 axis 1 : tensor<5x8xf32>, tensor<5x8xf32>
  %7 = tern.sin %a : tensor<5x8xf32>
  %8 = tern.concat %7, %7 axis 1 : tensor<5x8xf32>, tensor<5x8xf32>
  %9 = tern.mul %6, %8 : tensor<5x16xf32>, tensor<5x16xf32>
  %10 = tern.add %2, %9 : tensor<5x16xf32>, tensor<5x16xf32>
  return %10 : tensor<5x16xf32>
}

// The same for all heads, with one table of angles.
func.func @rotate_half_heads_cat(%x: tensor<5x4x16xf32>, %a: tensor<5x8xf32>) -> tensor<5x4x16xf32> attributes {tern.seek = @rotate_half_heads_form} {
  %0 = tern.cos %a : tensor<5x8xf32>
  %1 = tern.concat %0, %0 axis 1 : tensor<5x8xf32>, tensor<5x8xf32>
  %2 = tern.broadcast "td->tnd" %1 : tensor<5x16xf32> to tensor<5x4x16xf32>
  %3 = tern.mul %x, %2 : tensor<5x4x16xf32>, tensor<5x4x16xf32>
  %4 = tern.slice %x axis 2 from 8 size 8 : tensor<5x4x16xf32>
  %5 = tern.neg %4 : tensor<5x4x8xf32>
  %6 = tern.slice %x axis 2 from 0 size 8 : tensor<5x4x16xf32>
  %7 = tern.concat %5, %6 axis 2 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %8 = tern.sin %a : tensor<5x8xf32>
  %9 = tern.concat %8, %8 axis 1 : tensor<5x8xf32>, tensor<5x8xf32>
  %10 = tern.broadcast "td->tnd" %9 : tensor<5x16xf32> to tensor<5x4x16xf32>
  %11 = tern.mul %7, %10 : tensor<5x4x16xf32>, tensor<5x4x16xf32>
  %12 = tern.add %3, %11 : tensor<5x4x16xf32>, tensor<5x4x16xf32>
  return %12 : tensor<5x4x16xf32>
}
func.func @rotate_half_heads_angles(%x: tensor<5x4x16xf32>, %a: tensor<5x8xf32>) -> tensor<5x4x16xf32> attributes {tern.seek = @rotate_half_heads_form} {
  %0 = tern.concat %a, %a axis 1 : tensor<5x8xf32>, tensor<5x8xf32>
  %1 = tern.cos %0 : tensor<5x16xf32>
  %2 = tern.broadcast "td->tnd" %1 : tensor<5x16xf32> to tensor<5x4x16xf32>
  %3 = tern.mul %x, %2 : tensor<5x4x16xf32>, tensor<5x4x16xf32>
  %4 = tern.slice %x axis 2 from 8 size 8 : tensor<5x4x16xf32>
  %5 = tern.neg %4 : tensor<5x4x8xf32>
  %6 = tern.slice %x axis 2 from 0 size 8 : tensor<5x4x16xf32>
  %7 = tern.concat %5, %6 axis 2 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %8 = tern.sin %0 : tensor<5x16xf32>
  %9 = tern.broadcast "td->tnd" %8 : tensor<5x16xf32> to tensor<5x4x16xf32>
  %10 = tern.mul %7, %9 : tensor<5x4x16xf32>, tensor<5x4x16xf32>
  %11 = tern.add %3, %10 : tensor<5x4x16xf32>, tensor<5x4x16xf32>
  return %11 : tensor<5x4x16xf32>
}
func.func @rotate_half_heads_form(%x: tensor<5x4x16xf32>, %a: tensor<5x8xf32>) -> tensor<5x4x16xf32> {
  %0 = tern.cos %a : tensor<5x8xf32>
  %1 = tern.sin %a : tensor<5x8xf32>
  %2 = tern.rotary half %x, %0, %1 : tensor<5x4x16xf32>, tensor<5x8xf32>, tensor<5x8xf32>
  return %2 : tensor<5x4x16xf32>
}
func.func @rotate_half_heads_not_sign(%x: tensor<5x4x16xf32>, %a: tensor<5x8xf32>) -> tensor<5x4x16xf32> attributes {tern.seek = @rotate_half_heads_form} {
  %0 = tern.cos %a : tensor<5x8xf32>
  %1 = tern.concat %0, %0 axis 1 : tensor<5x8xf32>, tensor<5x8xf32>
  %2 = tern.broadcast "td->tnd" %1 : tensor<5x16xf32> to tensor<5x4x16xf32>
  %3 = tern.mul %x, %2 : tensor<5x4x16xf32>, tensor<5x4x16xf32>
  %4 = tern.slice %x axis 2 from 8 size 8 : tensor<5x4x16xf32>
  %5 = tern.slice %x axis 2 from 0 size 8 : tensor<5x4x16xf32>
  %6 = tern.neg %5 : tensor<5x4x8xf32>
  %7 = tern.concat %4, %6 axis 2 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %8 = tern.sin %a : tensor<5x8xf32>
  %9 = tern.concat %8, %8 axis 1 : tensor<5x8xf32>, tensor<5x8xf32>
  %10 = tern.broadcast "td->tnd" %9 : tensor<5x16xf32> to tensor<5x4x16xf32>
  %11 = tern.mul %7, %10 : tensor<5x4x16xf32>, tensor<5x4x16xf32>
  %12 = tern.add %3, %11 : tensor<5x4x16xf32>, tensor<5x4x16xf32>
  return %12 : tensor<5x4x16xf32>
}

// Neighbours turn.
func.func @interleaved(%x: tensor<5x4x16xf32>, %a: tensor<5x8xf32>) -> tensor<5x4x16xf32> attributes {tern.seek = @interleaved_form} {
  %0 = tern.reshape %x : tensor<5x4x16xf32> to tensor<5x4x8x2xf32>
  %1 = tern.slice %0 axis 3 from 0 size 1 : tensor<5x4x8x2xf32>
  %2 = tern.reshape %1 : tensor<5x4x8x1xf32> to tensor<5x4x8xf32>
  %3 = tern.cos %a : tensor<5x8xf32>
  %4 = tern.broadcast "th->tnh" %3 : tensor<5x8xf32> to tensor<5x4x8xf32>
  %5 = tern.mul %2, %4 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %6 = tern.slice %0 axis 3 from 1 size 1 : tensor<5x4x8x2xf32>
  %7 = tern.reshape %6 : tensor<5x4x8x1xf32> to tensor<5x4x8xf32>
  %8 = tern.sin %a : tensor<5x8xf32>
  %9 = tern.broadcast "th->tnh" %8 : tensor<5x8xf32> to tensor<5x4x8xf32>
  %10 = tern.mul %7, %9 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %11 = tern.sub %5, %10 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %12 = tern.reshape %11 : tensor<5x4x8xf32> to tensor<5x4x8x1xf32>
  %13 = tern.mul %7, %4 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %14 = tern.mul %2, %9 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %15 = tern.add %13, %14 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %16 = tern.reshape %15 : tensor<5x4x8xf32> to tensor<5x4x8x1xf32>
  %17 = tern.concat %12, %16 axis 3 : tensor<5x4x8x1xf32>, tensor<5x4x8x1xf32>
  %18 = tern.reshape %17 : tensor<5x4x8x2xf32> to tensor<5x4x16xf32>
  return %18 : tensor<5x4x16xf32>
}
func.func @interleaved_form(%x: tensor<5x4x16xf32>, %a: tensor<5x8xf32>) -> tensor<5x4x16xf32> {
  %0 = tern.cos %a : tensor<5x8xf32>
  %1 = tern.sin %a : tensor<5x8xf32>
  %2 = tern.rotary interleaved %x, %0, %1 : tensor<5x4x16xf32>, tensor<5x8xf32>, tensor<5x8xf32>
  return %2 : tensor<5x4x16xf32>
}
func.func @interleaved_not_halves(%x: tensor<5x4x16xf32>, %a: tensor<5x8xf32>) -> tensor<5x4x16xf32> attributes {tern.seek = @interleaved_form} {
  %0 = tern.slice %x axis 2 from 0 size 8 : tensor<5x4x16xf32>
  %1 = tern.cos %a : tensor<5x8xf32>
  %2 = tern.broadcast "th->tnh" %1 : tensor<5x8xf32> to tensor<5x4x8xf32>
  %3 = tern.mul %0, %2 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %4 = tern.slice %x axis 2 from 8 size 8 : tensor<5x4x16xf32>
  %5 = tern.sin %a : tensor<5x8xf32>
  %6 = tern.broadcast "th->tnh" %5 : tensor<5x8xf32> to tensor<5x4x8xf32>
  %7 = tern.mul %4, %6 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %8 = tern.sub %3, %7 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %9 = tern.mul %4, %2 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %10 = tern.mul %0, %6 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %11 = tern.add %9, %10 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %12 = tern.concat %8, %11 axis 2 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  return %12 : tensor<5x4x16xf32>
}
func.func @interleaved_not_flipped(%x: tensor<5x4x16xf32>, %a: tensor<5x8xf32>) -> tensor<5x4x16xf32> attributes {tern.seek = @interleaved_form} {
  %0 = tern.reshape %x : tensor<5x4x16xf32> to tensor<5x4x8x2xf32>
  %1 = tern.slice %0 axis 3 from 1 size 1 : tensor<5x4x8x2xf32>
  %2 = tern.reshape %1 : tensor<5x4x8x1xf32> to tensor<5x4x8xf32>
  %3 = tern.cos %a : tensor<5x8xf32>
  %4 = tern.broadcast "th->tnh" %3 : tensor<5x8xf32> to tensor<5x4x8xf32>
  %5 = tern.mul %2, %4 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %6 = tern.slice %0 axis 3 from 0 size 1 : tensor<5x4x8x2xf32>
  %7 = tern.reshape %6 : tensor<5x4x8x1xf32> to tensor<5x4x8xf32>
  %8 = tern.sin %a : tensor<5x8xf32>
  %9 = tern.broadcast "th->tnh" %8 : tensor<5x8xf32> to tensor<5x4x8xf32>
  %10 = tern.mul %7, %9 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %11 = tern.add %5, %10 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %12 = tern.reshape %11 : tensor<5x4x8xf32> to tensor<5x4x8x1xf32>
  %13 = tern.mul %7, %4 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %14 = tern.mul %2, %9 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %15 = tern.sub %13, %14 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %16 = tern.reshape %15 : tensor<5x4x8xf32> to tensor<5x4x8x1xf32>
  %17 = tern.concat %12, %16 axis 3 : tensor<5x4x8x1xf32>, tensor<5x4x8x1xf32>
  %18 = tern.reshape %17 : tensor<5x4x8x2xf32> to tensor<5x4x16xf32>
  return %18 : tensor<5x4x16xf32>
}

// What does not turn stays.
func.func @partial(%x: tensor<5x4x24xf32>, %a: tensor<5x8xf32>) -> tensor<5x4x24xf32> attributes {tern.seek = @partial_form} {
  %0 = tern.slice %x axis 2 from 0 size 16 : tensor<5x4x24xf32>
  %1 = tern.cos %a : tensor<5x8xf32>
  %2 = tern.sin %a : tensor<5x8xf32>
  %3 = tern.rotary half %0, %1, %2 : tensor<5x4x16xf32>, tensor<5x8xf32>, tensor<5x8xf32>
  %4 = tern.slice %x axis 2 from 16 size 8 : tensor<5x4x24xf32>
  %5 = tern.concat %3, %4 axis 2 : tensor<5x4x16xf32>, tensor<5x4x8xf32>
  return %5 : tensor<5x4x24xf32>
}
func.func @partial_form(%x: tensor<5x4x24xf32>, %a: tensor<5x8xf32>) -> tensor<5x4x24xf32> {
  %0 = tern.cos %a : tensor<5x8xf32>
  %1 = tern.sin %a : tensor<5x8xf32>
  %2 = tern.rotary half %x, %0, %1 : tensor<5x4x24xf32>, tensor<5x8xf32>, tensor<5x8xf32>
  return %2 : tensor<5x4x24xf32>
}
func.func @partial_not_place(%x: tensor<5x4x24xf32>, %a: tensor<5x8xf32>) -> tensor<5x4x24xf32> attributes {tern.seek = @partial_form} {
  %0 = tern.slice %x axis 2 from 0 size 8 : tensor<5x4x24xf32>
  %1 = tern.slice %x axis 2 from 8 size 16 : tensor<5x4x24xf32>
  %2 = tern.cos %a : tensor<5x8xf32>
  %3 = tern.sin %a : tensor<5x8xf32>
  %4 = tern.rotary half %1, %2, %3 : tensor<5x4x16xf32>, tensor<5x8xf32>, tensor<5x8xf32>
  %5 = tern.concat %0, %4 axis 2 : tensor<5x4x8xf32>, tensor<5x4x16xf32>
  return %5 : tensor<5x4x24xf32>
}

// By no angle.
func.func @zero(%x: tensor<5x16xf32>) -> tensor<5x16xf32> attributes {tern.seek = @zero_form} {
  %0 = tern.constant dense<0.0> : tensor<f32>
  %1 = tern.broadcast "->th" %0 : tensor<f32> to tensor<5x8xf32>
  %2 = tern.cos %1 : tensor<5x8xf32>
  %3 = tern.sin %1 : tensor<5x8xf32>
  %4 = tern.rotary half %x, %2, %3 : tensor<5x16xf32>, tensor<5x8xf32>, tensor<5x8xf32>
  return %4 : tensor<5x16xf32>
}
func.func @zero_form(%x: tensor<5x16xf32>) -> tensor<5x16xf32> {
  return %x : tensor<5x16xf32>
}
func.func @zero_not_one(%x: tensor<5x16xf32>) -> tensor<5x16xf32> attributes {tern.seek = @zero_form} {
  %0 = tern.constant dense<1.0> : tensor<f32>
  %1 = tern.broadcast "->th" %0 : tensor<f32> to tensor<5x8xf32>
  %2 = tern.cos %1 : tensor<5x8xf32>
  %3 = tern.sin %1 : tensor<5x8xf32>
  %4 = tern.rotary half %x, %2, %3 : tensor<5x16xf32>, tensor<5x8xf32>, tensor<5x8xf32>
  return %4 : tensor<5x16xf32>
}

// Turned and turned back.
func.func @back(%x: tensor<5x4x16xf32>, %a: tensor<5x8xf32>) -> tensor<5x4x16xf32> attributes {tern.seek = @back_form} {
  %0 = tern.cos %a : tensor<5x8xf32>
  %1 = tern.sin %a : tensor<5x8xf32>
  %2 = tern.rotary half %x, %0, %1 : tensor<5x4x16xf32>, tensor<5x8xf32>, tensor<5x8xf32>
  %3 = tern.neg %a : tensor<5x8xf32>
  %4 = tern.cos %3 : tensor<5x8xf32>
  %5 = tern.sin %3 : tensor<5x8xf32>
  %6 = tern.rotary half %2, %4, %5 : tensor<5x4x16xf32>, tensor<5x8xf32>, tensor<5x8xf32>
  return %6 : tensor<5x4x16xf32>
}
func.func @back_form(%x: tensor<5x4x16xf32>, %a: tensor<5x8xf32>) -> tensor<5x4x16xf32> {
  return %x : tensor<5x4x16xf32>
}
func.func @back_not_twice(%x: tensor<5x4x16xf32>, %a: tensor<5x8xf32>) -> tensor<5x4x16xf32> attributes {tern.seek = @back_form} {
  %0 = tern.cos %a : tensor<5x8xf32>
  %1 = tern.sin %a : tensor<5x8xf32>
  %2 = tern.rotary half %x, %0, %1 : tensor<5x4x16xf32>, tensor<5x8xf32>, tensor<5x8xf32>
  %3 = tern.rotary half %2, %0, %1 : tensor<5x4x16xf32>, tensor<5x8xf32>, tensor<5x8xf32>
  return %3 : tensor<5x4x16xf32>
}

// A factor for each row passes.
func.func @row_scale(%x: tensor<5x16xf32>, %a: tensor<5x8xf32>, %s: tensor<5xf32>, %g: tensor<16xf32>) -> tensor<5x16xf32> attributes {tern.seek = @row_scale_form} {
  %0 = tern.broadcast "t->td" %s : tensor<5xf32> to tensor<5x16xf32>
  %1 = tern.mul %x, %0 : tensor<5x16xf32>, tensor<5x16xf32>
  %2 = tern.cos %a : tensor<5x8xf32>
  %3 = tern.sin %a : tensor<5x8xf32>
  %4 = tern.rotary half %1, %2, %3 : tensor<5x16xf32>, tensor<5x8xf32>, tensor<5x8xf32>
  return %4 : tensor<5x16xf32>
}
func.func @row_scale_form(%x: tensor<5x16xf32>, %a: tensor<5x8xf32>, %s: tensor<5xf32>, %g: tensor<16xf32>) -> tensor<5x16xf32> {
  %0 = tern.cos %a : tensor<5x8xf32>
  %1 = tern.sin %a : tensor<5x8xf32>
  %2 = tern.rotary half %x, %0, %1 : tensor<5x16xf32>, tensor<5x8xf32>, tensor<5x8xf32>
  %3 = tern.broadcast "t->td" %s : tensor<5xf32> to tensor<5x16xf32>
  %4 = tern.mul %2, %3 : tensor<5x16xf32>, tensor<5x16xf32>
  return %4 : tensor<5x16xf32>
}
func.func @row_scale_not_column(%x: tensor<5x16xf32>, %a: tensor<5x8xf32>, %s: tensor<5xf32>, %g: tensor<16xf32>) -> tensor<5x16xf32> attributes {tern.seek = @row_scale_form} {
  %0 = tern.broadcast "d->td" %g : tensor<16xf32> to tensor<5x16xf32>
  %1 = tern.mul %x, %0 : tensor<5x16xf32>, tensor<5x16xf32>
  %2 = tern.cos %a : tensor<5x8xf32>
  %3 = tern.sin %a : tensor<5x8xf32>
  %4 = tern.rotary half %1, %2, %3 : tensor<5x16xf32>, tensor<5x8xf32>, tensor<5x8xf32>
  return %4 : tensor<5x16xf32>
}

// Kept keys keep their rotation.
func.func @rows_taken(%x: tensor<9x16xf32>, %a: tensor<9x8xf32>, %b: tensor<5x8xf32>, %i: tensor<5xi32>) -> tensor<5x16xf32> attributes {tern.seek = @rows_taken_form} {
  %0 = tern.cos %a : tensor<9x8xf32>
  %1 = tern.sin %a : tensor<9x8xf32>
  %2 = tern.rotary half %x, %0, %1 : tensor<9x16xf32>, tensor<9x8xf32>, tensor<9x8xf32>
  %3 = tern.gather "sd,t->td" %2, %i : tensor<9x16xf32>, tensor<5xi32>
  return %3 : tensor<5x16xf32>
}
func.func @rows_taken_form(%x: tensor<9x16xf32>, %a: tensor<9x8xf32>, %b: tensor<5x8xf32>, %i: tensor<5xi32>) -> tensor<5x16xf32> {
  %0 = tern.gather "sd,t->td" %x, %i : tensor<9x16xf32>, tensor<5xi32>
  %1 = tern.gather "sh,t->th" %a, %i : tensor<9x8xf32>, tensor<5xi32>
  %2 = tern.cos %1 : tensor<5x8xf32>
  %3 = tern.sin %1 : tensor<5x8xf32>
  %4 = tern.rotary half %0, %2, %3 : tensor<5x16xf32>, tensor<5x8xf32>, tensor<5x8xf32>
  return %4 : tensor<5x16xf32>
}
func.func @rows_taken_not_slots(%x: tensor<9x16xf32>, %a: tensor<9x8xf32>, %b: tensor<5x8xf32>, %i: tensor<5xi32>) -> tensor<5x16xf32> attributes {tern.seek = @rows_taken_form} {
  %0 = tern.gather "sd,t->td" %x, %i : tensor<9x16xf32>, tensor<5xi32>
  %1 = tern.cos %b : tensor<5x8xf32>
  %2 = tern.sin %b : tensor<5x8xf32>
  %3 = tern.rotary half %0, %1, %2 : tensor<5x16xf32>, tensor<5x8xf32>, tensor<5x8xf32>
  return %3 : tensor<5x16xf32>
}

// Rotations keep length.
func.func @norm(%x: tensor<5x16xf32>, %a: tensor<5x8xf32>, %g: tensor<16xf32>) -> tensor<5x16xf32> attributes {tern.seek = @norm_form} {
  %0 = tern.cos %a : tensor<5x8xf32>
  %1 = tern.sin %a : tensor<5x8xf32>
  %2 = tern.rotary half %x, %0, %1 : tensor<5x16xf32>, tensor<5x8xf32>, tensor<5x8xf32>
  %3 = tern.rms_norm "td/d" %2 epsilon 7.6293945312500000e-06 : tensor<5x16xf32>
  return %3 : tensor<5x16xf32>
}
func.func @norm_form(%x: tensor<5x16xf32>, %a: tensor<5x8xf32>, %g: tensor<16xf32>) -> tensor<5x16xf32> {
  %0 = tern.rms_norm "td/d" %x epsilon 7.6293945312500000e-06 : tensor<5x16xf32>
  %1 = tern.cos %a : tensor<5x8xf32>
  %2 = tern.sin %a : tensor<5x8xf32>
  %3 = tern.rotary half %0, %1, %2 : tensor<5x16xf32>, tensor<5x8xf32>, tensor<5x8xf32>
  return %3 : tensor<5x16xf32>
}
func.func @norm_not_weight(%x: tensor<5x16xf32>, %a: tensor<5x8xf32>, %g: tensor<16xf32>) -> tensor<5x16xf32> attributes {tern.seek = @norm_form} {
  %0 = tern.cos %a : tensor<5x8xf32>
  %1 = tern.sin %a : tensor<5x8xf32>
  %2 = tern.rotary half %x, %0, %1 : tensor<5x16xf32>, tensor<5x8xf32>, tensor<5x8xf32>
  %3 = tern.rms_norm "td/d" %2 epsilon 7.6293945312500000e-06 : tensor<5x16xf32>
  %4 = tern.broadcast "d->td" %g : tensor<16xf32> to tensor<5x16xf32>
  %5 = tern.mul %3, %4 : tensor<5x16xf32>, tensor<5x16xf32>
  return %5 : tensor<5x16xf32>
}

// Scores see differences of positions.
func.func @relative(%q: tensor<5x16xf32>, %k: tensor<7x16xf32>, %a: tensor<5x8xf32>, %b: tensor<7x8xf32>, %c: tensor<8xf32>) -> tensor<5x7xf32> attributes {tern.seek = @relative_form} {
  %0 = tern.broadcast "h->th" %c : tensor<8xf32> to tensor<5x8xf32>
  %1 = tern.add %a, %0 : tensor<5x8xf32>, tensor<5x8xf32>
  %2 = tern.cos %1 : tensor<5x8xf32>
  %3 = tern.sin %1 : tensor<5x8xf32>
  %4 = tern.rotary half %q, %2, %3 : tensor<5x16xf32>, tensor<5x8xf32>, tensor<5x8xf32>
  %5 = tern.broadcast "h->sh" %c : tensor<8xf32> to tensor<7x8xf32>
  %6 = tern.add %b, %5 : tensor<7x8xf32>, tensor<7x8xf32>
  %7 = tern.cos %6 : tensor<7x8xf32>
  %8 = tern.sin %6 : tensor<7x8xf32>
  %9 = tern.rotary half %k, %7, %8 : tensor<7x16xf32>, tensor<7x8xf32>, tensor<7x8xf32>
  %10 = tern.contract "td,sd->ts" %4, %9 : tensor<5x16xf32>, tensor<7x16xf32>
  return %10 : tensor<5x7xf32>
}
func.func @relative_form(%q: tensor<5x16xf32>, %k: tensor<7x16xf32>, %a: tensor<5x8xf32>, %b: tensor<7x8xf32>, %c: tensor<8xf32>) -> tensor<5x7xf32> {
  %0 = tern.cos %a : tensor<5x8xf32>
  %1 = tern.sin %a : tensor<5x8xf32>
  %2 = tern.rotary half %q, %0, %1 : tensor<5x16xf32>, tensor<5x8xf32>, tensor<5x8xf32>
  %3 = tern.cos %b : tensor<7x8xf32>
  %4 = tern.sin %b : tensor<7x8xf32>
  %5 = tern.rotary half %k, %3, %4 : tensor<7x16xf32>, tensor<7x8xf32>, tensor<7x8xf32>
  %6 = tern.contract "td,sd->ts" %2, %5 : tensor<5x16xf32>, tensor<7x16xf32>
  return %6 : tensor<5x7xf32>
}
func.func @relative_not_one_side(%q: tensor<5x16xf32>, %k: tensor<7x16xf32>, %a: tensor<5x8xf32>, %b: tensor<7x8xf32>, %c: tensor<8xf32>) -> tensor<5x7xf32> attributes {tern.seek = @relative_form} {
  %0 = tern.broadcast "h->th" %c : tensor<8xf32> to tensor<5x8xf32>
  %1 = tern.add %a, %0 : tensor<5x8xf32>, tensor<5x8xf32>
  %2 = tern.cos %1 : tensor<5x8xf32>
  %3 = tern.sin %1 : tensor<5x8xf32>
  %4 = tern.rotary half %q, %2, %3 : tensor<5x16xf32>, tensor<5x8xf32>, tensor<5x8xf32>
  %5 = tern.cos %b : tensor<7x8xf32>
  %6 = tern.sin %b : tensor<7x8xf32>
  %7 = tern.rotary half %k, %5, %6 : tensor<7x16xf32>, tensor<7x8xf32>, tensor<7x8xf32>
  %8 = tern.contract "td,sd->ts" %4, %7 : tensor<5x16xf32>, tensor<7x16xf32>
  return %8 : tensor<5x7xf32>
}

// One table of cosines, whose rows are taken.
func.func @table(%a: tensor<32x8xf32>, %i: tensor<5xi32>) -> tensor<5x8xf32> attributes {tern.seek = @table_form} {
  %0 = tern.gather "ph,t->th" %a, %i : tensor<32x8xf32>, tensor<5xi32>
  %1 = tern.cos %0 : tensor<5x8xf32>
  return %1 : tensor<5x8xf32>
}
func.func @table_form(%a: tensor<32x8xf32>, %i: tensor<5xi32>) -> tensor<5x8xf32> {
  %0 = tern.cos %a : tensor<32x8xf32>
  %1 = tern.gather "ph,t->th" %0, %i : tensor<32x8xf32>, tensor<5xi32>
  return %1 : tensor<5x8xf32>
}
func.func @table_not_sine(%a: tensor<32x8xf32>, %i: tensor<5xi32>) -> tensor<5x8xf32> attributes {tern.seek = @table_form} {
  %0 = tern.gather "ph,t->th" %a, %i : tensor<32x8xf32>, tensor<5xi32>
  %1 = tern.sin %0 : tensor<5x8xf32>
  return %1 : tensor<5x8xf32>
}

// Queries and keys in one rotation.
func.func @joined(%x: tensor<5x16xf32>, %y: tensor<3x16xf32>, %p: tensor<5x8xf32>, %q: tensor<3x8xf32>) -> tensor<8x16xf32> attributes {tern.seek = @joined_form} {
  %0 = tern.cos %p : tensor<5x8xf32>
  %1 = tern.sin %p : tensor<5x8xf32>
  %2 = tern.rotary half %x, %0, %1 : tensor<5x16xf32>, tensor<5x8xf32>, tensor<5x8xf32>
  %3 = tern.cos %q : tensor<3x8xf32>
  %4 = tern.sin %q : tensor<3x8xf32>
  %5 = tern.rotary half %y, %3, %4 : tensor<3x16xf32>, tensor<3x8xf32>, tensor<3x8xf32>
  %6 = tern.concat %2, %5 axis 0 : tensor<5x16xf32>, tensor<3x16xf32>
  return %6 : tensor<8x16xf32>
}
func.func @joined_form(%x: tensor<5x16xf32>, %y: tensor<3x16xf32>, %p: tensor<5x8xf32>, %q: tensor<3x8xf32>) -> tensor<8x16xf32> {
  %0 = tern.concat %x, %y axis 0 : tensor<5x16xf32>, tensor<3x16xf32>
  %1 = tern.concat %p, %q axis 0 : tensor<5x8xf32>, tensor<3x8xf32>
  %2 = tern.cos %1 : tensor<8x8xf32>
  %3 = tern.sin %1 : tensor<8x8xf32>
  %4 = tern.rotary half %0, %2, %3 : tensor<8x16xf32>, tensor<8x8xf32>, tensor<8x8xf32>
  return %4 : tensor<8x16xf32>
}
func.func @joined_not_order(%x: tensor<5x16xf32>, %y: tensor<3x16xf32>, %p: tensor<5x8xf32>, %q: tensor<3x8xf32>) -> tensor<8x16xf32> attributes {tern.seek = @joined_form} {
  %0 = tern.cos %q : tensor<3x8xf32>
  %1 = tern.sin %q : tensor<3x8xf32>
  %2 = tern.rotary half %y, %0, %1 : tensor<3x16xf32>, tensor<3x8xf32>, tensor<3x8xf32>
  %3 = tern.cos %p : tensor<5x8xf32>
  %4 = tern.sin %p : tensor<5x8xf32>
  %5 = tern.rotary half %x, %3, %4 : tensor<5x16xf32>, tensor<5x8xf32>, tensor<5x8xf32>
  %6 = tern.concat %2, %5 axis 0 : tensor<3x16xf32>, tensor<5x16xf32>
  return %6 : tensor<8x16xf32>
}

// A rotation of the output that is the same for all tokens folds into the weight.
func.func @into_weight(%x: tensor<5x64xf32>) -> tensor<5x16xf32> attributes {tern.seek = @into_weight_form} {
  %0 = tern.weight "w" : tensor<16x64xf32>
  %1 = tern.contract "tk,dk->td" %x, %0 : tensor<5x64xf32>, tensor<16x64xf32>
  %2 = tern.weight "a" : tensor<8xf32>
  %3 = tern.broadcast "h->th" %2 : tensor<8xf32> to tensor<5x8xf32>
  %4 = tern.cos %3 : tensor<5x8xf32>
  %5 = tern.sin %3 : tensor<5x8xf32>
  %6 = tern.rotary half %1, %4, %5 : tensor<5x16xf32>, tensor<5x8xf32>, tensor<5x8xf32>
  return %6 : tensor<5x16xf32>
}
func.func @into_weight_form(%x: tensor<5x64xf32>) -> tensor<5x16xf32> {
  %0 = tern.weight "w" : tensor<16x64xf32>
  %1 = tern.transpose "dk->kd" %0 : tensor<16x64xf32>
  %2 = tern.weight "a" : tensor<8xf32>
  %3 = tern.broadcast "h->kh" %2 : tensor<8xf32> to tensor<64x8xf32>
  %4 = tern.cos %3 : tensor<64x8xf32>
  %5 = tern.sin %3 : tensor<64x8xf32>
  %6 = tern.rotary half %1, %4, %5 : tensor<64x16xf32>, tensor<64x8xf32>, tensor<64x8xf32>
  %7 = tern.transpose "kd->dk" %6 : tensor<64x16xf32>
  %8 = tern.contract "tk,dk->td" %x, %7 : tensor<5x64xf32>, tensor<16x64xf32>
  return %8 : tensor<5x16xf32>
}
func.func @into_weight_not_positions(%x: tensor<5x64xf32>) -> tensor<5x16xf32> attributes {tern.seek = @into_weight_form} {
  %0 = tern.weight "w" : tensor<16x64xf32>
  %1 = tern.contract "tk,dk->td" %x, %0 : tensor<5x64xf32>, tensor<16x64xf32>
  %2 = tern.weight "p" : tensor<5x8xf32>
  %3 = tern.cos %2 : tensor<5x8xf32>
  %4 = tern.sin %2 : tensor<5x8xf32>
  %5 = tern.rotary half %1, %3, %4 : tensor<5x16xf32>, tensor<5x8xf32>, tensor<5x8xf32>
  return %5 : tensor<5x16xf32>
}

// Cosines and sines at hand, each half of which is the other.
func.func @tables_of_halves(%x: tensor<5x16xf32>, %c: tensor<5x8xf32>, %s: tensor<5x8xf32>, %d: tensor<5x8xf32>) -> tensor<5x16xf32> attributes {tern.seek = @tables_of_halves_form} {
  %0 = tern.concat %c, %c axis 1 : tensor<5x8xf32>, tensor<5x8xf32>
  %1 = tern.concat %s, %s axis 1 : tensor<5x8xf32>, tensor<5x8xf32>
  %2 = tern.slice %x axis 1 from 8 size 8 : tensor<5x16xf32>
  %3 = tern.slice %x axis 1 from 0 size 8 : tensor<5x16xf32>
  %4 = tern.neg %2 : tensor<5x8xf32>
  %5 = tern.concat %4, %3 axis 1 : tensor<5x8xf32>, tensor<5x8xf32>
  %6 = tern.mul %x, %0 : tensor<5x16xf32>, tensor<5x16xf32>
  %7 = tern.mul %5, %1 : tensor<5x16xf32>, tensor<5x16xf32>
  %8 = tern.add %6, %7 : tensor<5x16xf32>, tensor<5x16xf32>
  return %8 : tensor<5x16xf32>
}
func.func @tables_of_halves_form(%x: tensor<5x16xf32>, %c: tensor<5x8xf32>, %s: tensor<5x8xf32>, %d: tensor<5x8xf32>) -> tensor<5x16xf32> {
  %0 = tern.rotary half %x, %c, %s : tensor<5x16xf32>, tensor<5x8xf32>, tensor<5x8xf32>
  return %0 : tensor<5x16xf32>
}
func.func @tables_of_halves_not_other(%x: tensor<5x16xf32>, %c: tensor<5x8xf32>, %s: tensor<5x8xf32>, %d: tensor<5x8xf32>) -> tensor<5x16xf32> attributes {tern.seek = @tables_of_halves_form} {
  %0 = tern.concat %c, %d axis 1 : tensor<5x8xf32>, tensor<5x8xf32>
  %1 = tern.concat %s, %s axis 1 : tensor<5x8xf32>, tensor<5x8xf32>
  %2 = tern.slice %x axis 1 from 8 size 8 : tensor<5x16xf32>
  %3 = tern.slice %x axis 1 from 0 size 8 : tensor<5x16xf32>
  %4 = tern.neg %2 : tensor<5x8xf32>
  %5 = tern.concat %4, %3 axis 1 : tensor<5x8xf32>, tensor<5x8xf32>
  %6 = tern.mul %x, %0 : tensor<5x16xf32>, tensor<5x16xf32>
  %7 = tern.mul %5, %1 : tensor<5x16xf32>, tensor<5x16xf32>
  %8 = tern.add %6, %7 : tensor<5x16xf32>, tensor<5x16xf32>
  return %8 : tensor<5x16xf32>
}

// The same for all heads.
func.func @tables_of_heads(%x: tensor<5x4x16xf32>, %c: tensor<5x8xf32>, %s: tensor<5x8xf32>, %d: tensor<5x8xf32>) -> tensor<5x4x16xf32> attributes {tern.seek = @tables_of_heads_form} {
  %0 = tern.concat %c, %c axis 1 : tensor<5x8xf32>, tensor<5x8xf32>
  %1 = tern.concat %s, %s axis 1 : tensor<5x8xf32>, tensor<5x8xf32>
  %2 = tern.broadcast "td->tnd" %0 : tensor<5x16xf32> to tensor<5x4x16xf32>
  %3 = tern.broadcast "td->tnd" %1 : tensor<5x16xf32> to tensor<5x4x16xf32>
  %4 = tern.slice %x axis 2 from 8 size 8 : tensor<5x4x16xf32>
  %5 = tern.slice %x axis 2 from 0 size 8 : tensor<5x4x16xf32>
  %6 = tern.neg %4 : tensor<5x4x8xf32>
  %7 = tern.concat %6, %5 axis 2 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %8 = tern.mul %x, %2 : tensor<5x4x16xf32>, tensor<5x4x16xf32>
  %9 = tern.mul %7, %3 : tensor<5x4x16xf32>, tensor<5x4x16xf32>
  %10 = tern.add %8, %9 : tensor<5x4x16xf32>, tensor<5x4x16xf32>
  return %10 : tensor<5x4x16xf32>
}
func.func @tables_of_heads_form(%x: tensor<5x4x16xf32>, %c: tensor<5x8xf32>, %s: tensor<5x8xf32>, %d: tensor<5x8xf32>) -> tensor<5x4x16xf32> {
  %0 = tern.rotary half %x, %c, %s : tensor<5x4x16xf32>, tensor<5x8xf32>, tensor<5x8xf32>
  return %0 : tensor<5x4x16xf32>
}
func.func @tables_of_heads_not_other(%x: tensor<5x4x16xf32>, %c: tensor<5x8xf32>, %s: tensor<5x8xf32>, %d: tensor<5x8xf32>) -> tensor<5x4x16xf32> attributes {tern.seek = @tables_of_heads_form} {
  %0 = tern.concat %c, %d axis 1 : tensor<5x8xf32>, tensor<5x8xf32>
  %1 = tern.concat %s, %s axis 1 : tensor<5x8xf32>, tensor<5x8xf32>
  %2 = tern.broadcast "td->tnd" %0 : tensor<5x16xf32> to tensor<5x4x16xf32>
  %3 = tern.broadcast "td->tnd" %1 : tensor<5x16xf32> to tensor<5x4x16xf32>
  %4 = tern.slice %x axis 2 from 8 size 8 : tensor<5x4x16xf32>
  %5 = tern.slice %x axis 2 from 0 size 8 : tensor<5x4x16xf32>
  %6 = tern.neg %4 : tensor<5x4x8xf32>
  %7 = tern.concat %6, %5 axis 2 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %8 = tern.mul %x, %2 : tensor<5x4x16xf32>, tensor<5x4x16xf32>
  %9 = tern.mul %7, %3 : tensor<5x4x16xf32>, tensor<5x4x16xf32>
  %10 = tern.add %8, %9 : tensor<5x4x16xf32>, tensor<5x4x16xf32>
  return %10 : tensor<5x4x16xf32>
}
func.func @tables_of_heads_not_back(%x: tensor<5x4x16xf32>, %c: tensor<5x8xf32>, %s: tensor<5x8xf32>, %d: tensor<5x8xf32>) -> tensor<5x4x16xf32> attributes {tern.seek = @tables_of_heads_form} {
  %0 = tern.concat %c, %c axis 1 : tensor<5x8xf32>, tensor<5x8xf32>
  %1 = tern.concat %s, %s axis 1 : tensor<5x8xf32>, tensor<5x8xf32>
  %2 = tern.broadcast "td->tnd" %0 : tensor<5x16xf32> to tensor<5x4x16xf32>
  %3 = tern.broadcast "td->tnd" %1 : tensor<5x16xf32> to tensor<5x4x16xf32>
  %4 = tern.slice %x axis 2 from 8 size 8 : tensor<5x4x16xf32>
  %5 = tern.slice %x axis 2 from 0 size 8 : tensor<5x4x16xf32>
  %6 = tern.neg %5 : tensor<5x4x8xf32>
  %7 = tern.concat %4, %6 axis 2 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %8 = tern.mul %x, %2 : tensor<5x4x16xf32>, tensor<5x4x16xf32>
  %9 = tern.mul %7, %3 : tensor<5x4x16xf32>, tensor<5x4x16xf32>
  %10 = tern.add %8, %9 : tensor<5x4x16xf32>, tensor<5x4x16xf32>
  return %10 : tensor<5x4x16xf32>
}
