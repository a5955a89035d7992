// Softmax and log-sum-exp: found, shifted, masked, in one pass.

// By maximum, exponential and sum.
func.func @stable(%x: tensor<8x8xf32>) -> tensor<8x8xf32> attributes {tern.seek = @stable_form} {
  %0 = tern.amax "ts->t" %x : tensor<8x8xf32>
  %1 = tern.broadcast "t->ts" %0 : tensor<8xf32> to tensor<8x8xf32>
  %2 = tern.sub %x, %1 : tensor<8x8xf32>, tensor<8x8xf32>
  %3 = tern.exp %2 : tensor<8x8xf32>
  %4 = tern.sum "ts->t" %3 : tensor<8x8xf32>
  %5 = tern.broadcast "t->ts" %4 : tensor<8xf32> to tensor<8x8xf32>
  %6 = tern.div %3, %5 : tensor<8x8xf32>, tensor<8x8xf32>
  return %6 : tensor<8x8xf32>
}
func.func @stable_form(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = tern.softmax "ts/s" %x : tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}
func.func @stable_not_axis(%x: tensor<8x8xf32>) -> tensor<8x8xf32> attributes {tern.seek = @stable_form} {
  %0 = tern.amax "ts->t" %x : tensor<8x8xf32>
  %1 = tern.broadcast "t->ts" %0 : tensor<8xf32> to tensor<8x8xf32>
  %2 = tern.sub %x, %1 : tensor<8x8xf32>, tensor<8x8xf32>
  %3 = tern.exp %2 : tensor<8x8xf32>
  %4 = tern.sum "ts->s" %3 : tensor<8x8xf32>
  %5 = tern.broadcast "s->ts" %4 : tensor<8xf32> to tensor<8x8xf32>
  %6 = tern.div %3, %5 : tensor<8x8xf32>, tensor<8x8xf32>
  return %6 : tensor<8x8xf32>
}
func.func @stable_not_mean(%x: tensor<8x8xf32>) -> tensor<8x8xf32> attributes {tern.seek = @stable_form} {
  %0 = tern.amax "ts->t" %x : tensor<8x8xf32>
  %1 = tern.broadcast "t->ts" %0 : tensor<8xf32> to tensor<8x8xf32>
  %2 = tern.sub %x, %1 : tensor<8x8xf32>, tensor<8x8xf32>
  %3 = tern.exp %2 : tensor<8x8xf32>
  %4 = tern.mean "ts->t" %3 : tensor<8x8xf32>
  %5 = tern.broadcast "t->ts" %4 : tensor<8xf32> to tensor<8x8xf32>
  %6 = tern.div %3, %5 : tensor<8x8xf32>, tensor<8x8xf32>
  return %6 : tensor<8x8xf32>
}

// Without the maximum.
func.func @naive(%x: tensor<8x8xf32>) -> tensor<8x8xf32> attributes {tern.seek = @naive_form} {
  %0 = tern.exp %x : tensor<8x8xf32>
  %1 = tern.sum "ts->t" %0 : tensor<8x8xf32>
  %2 = tern.broadcast "t->ts" %1 : tensor<8xf32> to tensor<8x8xf32>
  %3 = tern.div %0, %2 : tensor<8x8xf32>, tensor<8x8xf32>
  return %3 : tensor<8x8xf32>
}
func.func @naive_form(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = tern.softmax "ts/s" %x : tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}
func.func @naive_not_sign(%x: tensor<8x8xf32>) -> tensor<8x8xf32> attributes {tern.seek = @naive_form} {
  %0 = tern.neg %x : tensor<8x8xf32>
  %1 = tern.exp %0 : tensor<8x8xf32>
  %2 = tern.exp %x : tensor<8x8xf32>
  %3 = tern.sum "ts->t" %2 : tensor<8x8xf32>
  %4 = tern.broadcast "t->ts" %3 : tensor<8xf32> to tensor<8x8xf32>
  %5 = tern.div %1, %4 : tensor<8x8xf32>, tensor<8x8xf32>
  return %5 : tensor<8x8xf32>
}

// What is constant along the row cancels.
func.func @shift(%x: tensor<8x8xf32>, %c: tensor<8xf32>, %s: tensor<f32>) -> tensor<8x8xf32> attributes {tern.seek = @shift_form} {
  %0 = tern.broadcast "t->ts" %c : tensor<8xf32> to tensor<8x8xf32>
  %1 = tern.add %x, %0 : tensor<8x8xf32>, tensor<8x8xf32>
  %2 = tern.softmax "ts/s" %1 : tensor<8x8xf32>
  return %2 : tensor<8x8xf32>
}
func.func @shift_form(%x: tensor<8x8xf32>, %c: tensor<8xf32>, %s: tensor<f32>) -> tensor<8x8xf32> {
  %0 = tern.softmax "ts/s" %x : tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}
func.func @shift_not_axis(%x: tensor<8x8xf32>, %c: tensor<8xf32>, %s: tensor<f32>) -> tensor<8x8xf32> attributes {tern.seek = @shift_form} {
  %0 = tern.broadcast "s->ts" %c : tensor<8xf32> to tensor<8x8xf32>
  %1 = tern.add %x, %0 : tensor<8x8xf32>, tensor<8x8xf32>
  %2 = tern.softmax "ts/s" %1 : tensor<8x8xf32>
  return %2 : tensor<8x8xf32>
}
func.func @shift_not_scale(%x: tensor<8x8xf32>, %c: tensor<8xf32>, %s: tensor<f32>) -> tensor<8x8xf32> attributes {tern.seek = @shift_form} {
  %0 = tern.mul %x, %s : tensor<8x8xf32>, tensor<f32>
  %1 = tern.softmax "ts/s" %0 : tensor<8x8xf32>
  return %1 : tensor<8x8xf32>
}

// The division follows the product.
func.func @one_pass(%x: tensor<8x8xf32>, %v: tensor<8x8xf32>) -> tensor<8x8xf32> attributes {tern.seek = @one_pass_form} {
  %0 = tern.exp %x : tensor<8x8xf32>
  %1 = tern.contract "ts,sd->td" %0, %v : tensor<8x8xf32>, tensor<8x8xf32>
  %2 = tern.sum "ts->t" %0 : tensor<8x8xf32>
  %3 = tern.broadcast "t->td" %2 : tensor<8xf32> to tensor<8x8xf32>
  %4 = tern.div %1, %3 : tensor<8x8xf32>, tensor<8x8xf32>
  return %4 : tensor<8x8xf32>
}
func.func @one_pass_form(%x: tensor<8x8xf32>, %v: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = tern.softmax "ts/s" %x : tensor<8x8xf32>
  %1 = tern.contract "ts,sd->td" %0, %v : tensor<8x8xf32>, tensor<8x8xf32>
  return %1 : tensor<8x8xf32>
}
func.func @one_pass_not_axis(%x: tensor<8x8xf32>, %v: tensor<8x8xf32>) -> tensor<8x8xf32> attributes {tern.seek = @one_pass_form} {
  %0 = tern.exp %x : tensor<8x8xf32>
  %1 = tern.contract "ts,sd->td" %0, %v : tensor<8x8xf32>, tensor<8x8xf32>
  %2 = tern.sum "ts->s" %0 : tensor<8x8xf32>
  %3 = tern.broadcast "d->td" %2 : tensor<8xf32> to tensor<8x8xf32>
  %4 = tern.div %1, %3 : tensor<8x8xf32>, tensor<8x8xf32>
  return %4 : tensor<8x8xf32>
}
func.func @one_pass_not_rounding(%x: tensor<8x8xf32>, %v: tensor<8x8xf32>) -> tensor<8x8xf32> attributes {tern.seek = @one_pass_form} {
  %0 = tern.exp %x : tensor<8x8xf32>
  %1 = tern.cast %0 : tensor<8x8xf32> to tensor<8x8xbf16>
  %2 = tern.cast %1 : tensor<8x8xbf16> to tensor<8x8xf32>
  %3 = tern.contract "ts,sd->td" %2, %v : tensor<8x8xf32>, tensor<8x8xf32>
  %4 = tern.sum "ts->t" %0 : tensor<8x8xf32>
  %5 = tern.broadcast "t->td" %4 : tensor<8xf32> to tensor<8x8xf32>
  %6 = tern.div %3, %5 : tensor<8x8xf32>, tensor<8x8xf32>
  return %6 : tensor<8x8xf32>
}

// A mask that keeps something in each row, by choice or by addition.
func.func @masked_where(%x: tensor<8x8xf32>, %p: tensor<8x8xf32>) -> tensor<8x8xf32> attributes {tern.seek = @masked_form} {
  %0 = tern.iota "s->ts" : tensor<8x8xf32>
  %1 = tern.iota "t->ts" : tensor<8x8xf32>
  %2 = tern.le %0, %1 : tensor<8x8xf32>, tensor<8x8xf32>
  %3 = tern.constant dense<0xFF800000> : tensor<f32>
  %4 = tern.where %2, %x, %3 : tensor<8x8xf32>, tensor<8x8xf32>, tensor<f32>
  %5 = tern.softmax "ts/s" %4 : tensor<8x8xf32>
  return %5 : tensor<8x8xf32>
}
func.func @masked_bias(%x: tensor<8x8xf32>, %p: tensor<8x8xf32>) -> tensor<8x8xf32> attributes {tern.seek = @masked_form} {
  %0 = tern.iota "s->ts" : tensor<8x8xf32>
  %1 = tern.iota "t->ts" : tensor<8x8xf32>
  %2 = tern.le %0, %1 : tensor<8x8xf32>, tensor<8x8xf32>
  %3 = tern.constant dense<0.0> : tensor<f32>
  %4 = tern.constant dense<0xFF800000> : tensor<f32>
  %5 = tern.where %2, %3, %4 : tensor<8x8xf32>, tensor<f32>, tensor<f32>
  %6 = tern.add %x, %5 : tensor<8x8xf32>, tensor<8x8xf32>
  %7 = tern.softmax "ts/s" %6 : tensor<8x8xf32>
  return %7 : tensor<8x8xf32>
}
func.func @masked_form(%x: tensor<8x8xf32>, %p: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = tern.iota "s->ts" : tensor<8x8xf32>
  %1 = tern.iota "t->ts" : tensor<8x8xf32>
  %2 = tern.le %0, %1 : tensor<8x8xf32>, tensor<8x8xf32>
  %3 = tern.masked_softmax "ts/s" %x mask %2 : tensor<8x8xf32>, tensor<8x8xf32>
  return %3 : tensor<8x8xf32>
}
func.func @masked_not_strict(%x: tensor<8x8xf32>, %p: tensor<8x8xf32>) -> tensor<8x8xf32> attributes {tern.seek = @masked_form} {
  %0 = tern.iota "s->ts" : tensor<8x8xf32>
  %1 = tern.iota "t->ts" : tensor<8x8xf32>
  %2 = tern.lt %0, %1 : tensor<8x8xf32>, tensor<8x8xf32>
  %3 = tern.constant dense<0xFF800000> : tensor<f32>
  %4 = tern.where %2, %x, %3 : tensor<8x8xf32>, tensor<8x8xf32>, tensor<f32>
  %5 = tern.softmax "ts/s" %4 : tensor<8x8xf32>
  return %5 : tensor<8x8xf32>
}
func.func @masked_not_finite(%x: tensor<8x8xf32>, %p: tensor<8x8xf32>) -> tensor<8x8xf32> attributes {tern.seek = @masked_form} {
  %0 = tern.iota "s->ts" : tensor<8x8xf32>
  %1 = tern.iota "t->ts" : tensor<8x8xf32>
  %2 = tern.le %0, %1 : tensor<8x8xf32>, tensor<8x8xf32>
  %3 = tern.constant dense<-1.0000000000000000e+30> : tensor<f32>
  %4 = tern.where %2, %x, %3 : tensor<8x8xf32>, tensor<8x8xf32>, tensor<f32>
  %5 = tern.softmax "ts/s" %4 : tensor<8x8xf32>
  return %5 : tensor<8x8xf32>
}
func.func @masked_not_after(%x: tensor<8x8xf32>, %p: tensor<8x8xf32>) -> tensor<8x8xf32> attributes {tern.seek = @masked_form} {
  %0 = tern.iota "s->ts" : tensor<8x8xf32>
  %1 = tern.iota "t->ts" : tensor<8x8xf32>
  %2 = tern.le %0, %1 : tensor<8x8xf32>, tensor<8x8xf32>
  %3 = tern.softmax "ts/s" %x : tensor<8x8xf32>
  %4 = tern.mul %2, %3 : tensor<8x8xf32>, tensor<8x8xf32>
  return %4 : tensor<8x8xf32>
}

// Of a mask that somebody gives nothing is known.
func.func @masked_given(%x: tensor<8x8xf32>, %p: tensor<8x8xf32>) -> tensor<8x8xf32> attributes {tern.seek = @masked_given_form} {
  %0 = tern.amax "ts->t" %p : tensor<8x8xf32>
  %1 = tern.broadcast "t->ts" %0 : tensor<8xf32> to tensor<8x8xf32>
  %2 = tern.add %x, %1 : tensor<8x8xf32>, tensor<8x8xf32>
  %3 = tern.lt %p, %x : tensor<8x8xf32>, tensor<8x8xf32>
  %4 = tern.masked_softmax "ts/s" %2 mask %3 : tensor<8x8xf32>, tensor<8x8xf32>
  return %4 : tensor<8x8xf32>
}
func.func @masked_given_form(%x: tensor<8x8xf32>, %p: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = tern.lt %p, %x : tensor<8x8xf32>, tensor<8x8xf32>
  %1 = tern.masked_softmax "ts/s" %x mask %0 : tensor<8x8xf32>, tensor<8x8xf32>
  return %1 : tensor<8x8xf32>
}
func.func @masked_given_not_empty(%x: tensor<8x8xf32>, %p: tensor<8x8xf32>) -> tensor<8x8xf32> attributes {tern.seek = @masked_given_form} {
  %0 = tern.lt %p, %x : tensor<8x8xf32>, tensor<8x8xf32>
  %1 = tern.constant dense<0xFF800000> : tensor<f32>
  %2 = tern.where %0, %x, %1 : tensor<8x8xf32>, tensor<8x8xf32>, tensor<f32>
  %3 = tern.softmax "ts/s" %2 : tensor<8x8xf32>
  return %3 : tensor<8x8xf32>
}

// A mask after the softmax, renormalised.
func.func @renormalised(%x: tensor<8x8xf32>) -> tensor<8x8xf32> attributes {tern.seek = @renormalised_form} {
  %0 = tern.iota "s->ts" : tensor<8x8xf32>
  %1 = tern.iota "t->ts" : tensor<8x8xf32>
  %2 = tern.le %0, %1 : tensor<8x8xf32>, tensor<8x8xf32>
  %3 = tern.softmax "ts/s" %x : tensor<8x8xf32>
  %4 = tern.mul %2, %3 : tensor<8x8xf32>, tensor<8x8xf32>
  %5 = tern.sum "ts->t" %4 : tensor<8x8xf32>
  %6 = tern.broadcast "t->ts" %5 : tensor<8xf32> to tensor<8x8xf32>
  %7 = tern.div %4, %6 : tensor<8x8xf32>, tensor<8x8xf32>
  return %7 : tensor<8x8xf32>
}
func.func @renormalised_form(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = tern.iota "s->ts" : tensor<8x8xf32>
  %1 = tern.iota "t->ts" : tensor<8x8xf32>
  %2 = tern.le %0, %1 : tensor<8x8xf32>, tensor<8x8xf32>
  %3 = tern.masked_softmax "ts/s" %x mask %2 : tensor<8x8xf32>, tensor<8x8xf32>
  return %3 : tensor<8x8xf32>
}
func.func @renormalised_not_not_renormalised(%x: tensor<8x8xf32>) -> tensor<8x8xf32> attributes {tern.seek = @renormalised_form} {
  %0 = tern.iota "s->ts" : tensor<8x8xf32>
  %1 = tern.iota "t->ts" : tensor<8x8xf32>
  %2 = tern.le %0, %1 : tensor<8x8xf32>, tensor<8x8xf32>
  %3 = tern.softmax "ts/s" %x : tensor<8x8xf32>
  %4 = tern.mul %2, %3 : tensor<8x8xf32>, tensor<8x8xf32>
  return %4 : tensor<8x8xf32>
}

// The logarithm of a softmax.
func.func @log(%x: tensor<8x8xf32>) -> tensor<8x8xf32> attributes {tern.seek = @log_form} {
  %0 = tern.softmax "ts/s" %x : tensor<8x8xf32>
  %1 = tern.log %0 : tensor<8x8xf32>
  return %1 : tensor<8x8xf32>
}
func.func @log_form(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = tern.logsumexp "ts->t" %x : tensor<8x8xf32>
  %1 = tern.broadcast "t->ts" %0 : tensor<8xf32> to tensor<8x8xf32>
  %2 = tern.sub %x, %1 : tensor<8x8xf32>, tensor<8x8xf32>
  return %2 : tensor<8x8xf32>
}
func.func @log_not_axis(%x: tensor<8x8xf32>) -> tensor<8x8xf32> attributes {tern.seek = @log_form} {
  %0 = tern.softmax "ts/t" %x : tensor<8x8xf32>
  %1 = tern.log %0 : tensor<8x8xf32>
  return %1 : tensor<8x8xf32>
}

// Log-sum-exp from its parts.
func.func @lse(%x: tensor<8x8xf32>, %c: tensor<8xf32>) -> tensor<8xf32> attributes {tern.seek = @lse_form} {
  %0 = tern.broadcast "t->ts" %c : tensor<8xf32> to tensor<8x8xf32>
  %1 = tern.add %x, %0 : tensor<8x8xf32>, tensor<8x8xf32>
  %2 = tern.exp %1 : tensor<8x8xf32>
  %3 = tern.sum "ts->t" %2 : tensor<8x8xf32>
  %4 = tern.log %3 : tensor<8xf32>
  return %4 : tensor<8xf32>
}
func.func @lse_form(%x: tensor<8x8xf32>, %c: tensor<8xf32>) -> tensor<8xf32> {
  %0 = tern.logsumexp "ts->t" %x : tensor<8x8xf32>
  %1 = tern.add %0, %c : tensor<8xf32>, tensor<8xf32>
  return %1 : tensor<8xf32>
}
func.func @lse_not_axis(%x: tensor<8x8xf32>, %c: tensor<8xf32>) -> tensor<8xf32> attributes {tern.seek = @lse_form} {
  %0 = tern.broadcast "t->ts" %c : tensor<8xf32> to tensor<8x8xf32>
  %1 = tern.add %x, %0 : tensor<8x8xf32>, tensor<8x8xf32>
  %2 = tern.exp %1 : tensor<8x8xf32>
  %3 = tern.sum "ts->s" %2 : tensor<8x8xf32>
  %4 = tern.log %3 : tensor<8xf32>
  return %4 : tensor<8xf32>
}
func.func @lse_not_mean(%x: tensor<8x8xf32>, %c: tensor<8xf32>) -> tensor<8xf32> attributes {tern.seek = @lse_form} {
  %0 = tern.broadcast "t->ts" %c : tensor<8xf32> to tensor<8x8xf32>
  %1 = tern.add %x, %0 : tensor<8x8xf32>, tensor<8x8xf32>
  %2 = tern.exp %1 : tensor<8x8xf32>
  %3 = tern.mean "ts->t" %2 : tensor<8x8xf32>
  %4 = tern.log %3 : tensor<8xf32>
  return %4 : tensor<8xf32>
}

// Probabilities.
func.func @sum_is_one(%x: tensor<8x8xf32>) -> tensor<8xf32> attributes {tern.seek = @sum_is_one_form} {
  %0 = tern.softmax "ts/s" %x : tensor<8x8xf32>
  %1 = tern.sum "ts->t" %0 : tensor<8x8xf32>
  return %1 : tensor<8xf32>
}
func.func @sum_is_one_form(%x: tensor<8x8xf32>) -> tensor<8xf32> {
  %0 = tern.constant dense<1.0> : tensor<f32>
  %1 = tern.broadcast "->t" %0 : tensor<f32> to tensor<8xf32>
  return %1 : tensor<8xf32>
}
func.func @sum_is_one_not_axis(%x: tensor<8x8xf32>) -> tensor<8xf32> attributes {tern.seek = @sum_is_one_form} {
  %0 = tern.softmax "ts/s" %x : tensor<8x8xf32>
  %1 = tern.sum "ts->s" %0 : tensor<8x8xf32>
  return %1 : tensor<8xf32>
}

// Weights that sum to 1 of one value.
func.func @same_value(%x: tensor<8x8xf32>, %b: tensor<8xf32>) -> tensor<8x8xf32> attributes {tern.seek = @same_value_form} {
  %0 = tern.softmax "ts/s" %x : tensor<8x8xf32>
  %1 = tern.broadcast "d->sd" %b : tensor<8xf32> to tensor<8x8xf32>
  %2 = tern.contract "ts,sd->td" %0, %1 : tensor<8x8xf32>, tensor<8x8xf32>
  return %2 : tensor<8x8xf32>
}
func.func @same_value_form(%x: tensor<8x8xf32>, %b: tensor<8xf32>) -> tensor<8x8xf32> {
  %0 = tern.broadcast "d->td" %b : tensor<8xf32> to tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}
func.func @same_value_not_axis(%x: tensor<8x8xf32>, %b: tensor<8xf32>) -> tensor<8x8xf32> attributes {tern.seek = @same_value_form} {
  %0 = tern.softmax "ts/s" %x : tensor<8x8xf32>
  %1 = tern.broadcast "s->sd" %b : tensor<8xf32> to tensor<8x8xf32>
  %2 = tern.contract "ts,sd->td" %0, %1 : tensor<8x8xf32>, tensor<8x8xf32>
  return %2 : tensor<8x8xf32>
}

// Rows that nobody reads.
func.func @last_rows(%x: tensor<8x8xf32>) -> tensor<2x8xf32> attributes {tern.seek = @last_rows_form} {
  %0 = tern.softmax "ts/s" %x : tensor<8x8xf32>
  %1 = tern.slice %0 axis 0 from 6 size 2 : tensor<8x8xf32>
  return %1 : tensor<2x8xf32>
}
func.func @last_rows_form(%x: tensor<8x8xf32>) -> tensor<2x8xf32> {
  %0 = tern.slice %x axis 0 from 6 size 2 : tensor<8x8xf32>
  %1 = tern.softmax "ts/s" %0 : tensor<2x8xf32>
  return %1 : tensor<2x8xf32>
}
func.func @last_rows_not_columns(%x: tensor<8x8xf32>) -> tensor<2x8xf32> attributes {tern.seek = @last_rows_form} {
  %0 = tern.softmax "ts/t" %x : tensor<8x8xf32>
  %1 = tern.slice %0 axis 0 from 6 size 2 : tensor<8x8xf32>
  return %1 : tensor<2x8xf32>
}

// A softmax of two is a sigmoid.
func.func @two_classes(%x: tensor<8x1xf32>, %y: tensor<8x1xf32>) -> tensor<8x1xf32> attributes {tern.seek = @two_classes_form} {
  %0 = tern.concat %x, %y axis 1 : tensor<8x1xf32>, tensor<8x1xf32>
  %1 = tern.softmax "ts/s" %0 : tensor<8x2xf32>
  %2 = tern.slice %1 axis 1 from 0 size 1 : tensor<8x2xf32>
  return %2 : tensor<8x1xf32>
}
func.func @two_classes_form(%x: tensor<8x1xf32>, %y: tensor<8x1xf32>) -> tensor<8x1xf32> {
  %0 = tern.sub %x, %y : tensor<8x1xf32>, tensor<8x1xf32>
  %1 = tern.sigmoid %0 : tensor<8x1xf32>
  return %1 : tensor<8x1xf32>
}
func.func @two_classes_not_second(%x: tensor<8x1xf32>, %y: tensor<8x1xf32>) -> tensor<8x1xf32> attributes {tern.seek = @two_classes_form} {
  %0 = tern.concat %x, %y axis 1 : tensor<8x1xf32>, tensor<8x1xf32>
  %1 = tern.softmax "ts/s" %0 : tensor<8x2xf32>
  %2 = tern.slice %1 axis 1 from 1 size 1 : tensor<8x2xf32>
  return %2 : tensor<8x1xf32>
}
