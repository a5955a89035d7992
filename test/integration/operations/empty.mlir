// Axes without elements: what is folded over them, and results that have none.

// With T=1
func.func @sum_last(%a: tensor<3x0xf32>) -> tensor<3xf32> {
  %r = tern.sum "ab->a" %a : tensor<3x0xf32>
  return %r : tensor<3xf32>
}

// With T=1
func.func @mean_last(%a: tensor<3x0xf32>) -> tensor<3xf32> {
  %r = tern.mean "ab->a" %a : tensor<3x0xf32>
  return %r : tensor<3xf32>
}

// With T=1
func.func @amax_last(%a: tensor<3x0xf32>) -> tensor<3xf32> {
  %r = tern.amax "ab->a" %a : tensor<3x0xf32>
  return %r : tensor<3xf32>
}

// With T=1
func.func @amin_last(%a: tensor<3x0xf32>) -> tensor<3xf32> {
  %r = tern.amin "ab->a" %a : tensor<3x0xf32>
  return %r : tensor<3xf32>
}

// With T=1
func.func @logsumexp_last(%a: tensor<3x0xf32>) -> tensor<3xf32> {
  %r = tern.logsumexp "ab->a" %a : tensor<3x0xf32>
  return %r : tensor<3xf32>
}

// With T=1
func.func @sum_first_of_last(%a: tensor<3x0xf32>) -> tensor<0xf32> {
  %r = tern.sum "ab->b" %a : tensor<3x0xf32>
  return %r : tensor<0xf32>
}

// With T=1
func.func @softmax_last(%a: tensor<3x0xf32>) -> tensor<3x0xf32> {
  %r = tern.softmax "ab/b" %a : tensor<3x0xf32>
  return %r : tensor<3x0xf32>
}

// With T=1
func.func @softmax_first_last(%a: tensor<3x0xf32>) -> tensor<3x0xf32> {
  %r = tern.softmax "ab/a" %a : tensor<3x0xf32>
  return %r : tensor<3x0xf32>
}

// With T=1
func.func @rms_norm_last(%a: tensor<3x0xf32>) -> tensor<3x0xf32> {
  %r = tern.rms_norm "ab/b" %a epsilon 1.0e-5 : tensor<3x0xf32>
  return %r : tensor<3x0xf32>
}

// With T=1
func.func @layer_norm_last(%a: tensor<3x0xf32>) -> tensor<3x0xf32> {
  %r = tern.layer_norm "ab/b" %a epsilon 1.0e-5 : tensor<3x0xf32>
  return %r : tensor<3x0xf32>
}

// With T=1
func.func @cumsum_last(%a: tensor<3x0xf32>) -> tensor<3x0xf32> {
  %r = tern.cumsum "ab/b" %a : tensor<3x0xf32>
  return %r : tensor<3x0xf32>
}

// With T=1
func.func @exp_last(%a: tensor<3x0xf32>) -> tensor<3x0xf32> {
  %r = tern.exp %a : tensor<3x0xf32>
  return %r : tensor<3x0xf32>
}

// With T=1
func.func @add_last(%a: tensor<3x0xf32>, %b: tensor<3x0xf32>) -> tensor<3x0xf32> {
  %r = tern.add %a, %b : tensor<3x0xf32>, tensor<3x0xf32>
  return %r : tensor<3x0xf32>
}

// With T=1
func.func @transpose_last(%a: tensor<3x0xf32>) -> tensor<0x3xf32> {
  %r = tern.transpose "ab->ba" %a : tensor<3x0xf32>
  return %r : tensor<0x3xf32>
}

// With T=1
func.func @broadcast_last(%a: tensor<0xf32>) -> tensor<3x0xf32> {
  %r = tern.broadcast "b->ab" %a : tensor<0xf32> to tensor<3x0xf32>
  return %r : tensor<3x0xf32>
}

// With T=1
func.func @concat_last(%a: tensor<3x0xf32>, %b: tensor<2x0xf32>) -> tensor<5x0xf32> {
  %r = tern.concat %a, %b axis 0 : tensor<3x0xf32>, tensor<2x0xf32>
  return %r : tensor<5x0xf32>
}

// With T=1
func.func @slice_last(%a: tensor<4x0xf32>) -> tensor<3x0xf32> {
  %r = tern.slice %a axis 0 from 1 size 3 : tensor<4x0xf32>
  return %r : tensor<3x0xf32>
}

// With T=1
func.func @pad_last(%a: tensor<3x0xf32>) -> tensor<5x0xf32> {
  %r = tern.pad %a axis 0 low 1 high 1 : tensor<3x0xf32>
  return %r : tensor<5x0xf32>
}

// With T=1
func.func @contract_last(%a: tensor<3x0xf32>, %b: tensor<4x0xf32>) -> tensor<3x4xf32> {
  %r = tern.contract "ab,cb->ac" %a, %b : tensor<3x0xf32>, tensor<4x0xf32>
  return %r : tensor<3x4xf32>
}

// With T=1
func.func @contract_none_last(%a: tensor<3x0xf32>, %b: tensor<0x0xf32>) -> tensor<3x0xf32> {
  %r = tern.contract "ab,cb->ac" %a, %b : tensor<3x0xf32>, tensor<0x0xf32>
  return %r : tensor<3x0xf32>
}

// With T=1
func.func @gather_last(%a: tensor<9x0xf32>, %b: tensor<3xi32>) -> tensor<3x0xf32> {
  %r = tern.gather "vd,t->td" %a, %b : tensor<9x0xf32>, tensor<3xi32>
  return %r : tensor<3x0xf32>
}

// With T=1
func.func @scatter_add_last(%a: tensor<3x0xf32>, %b: tensor<3xi32>) -> tensor<9x0xf32> {
  %r = tern.scatter_add "td,t->vd" %a, %b : tensor<3x0xf32>, tensor<3xi32> to tensor<9x0xf32>
  return %r : tensor<9x0xf32>
}

// With T=1
func.func @where_last(%a: tensor<3x0xf32>, %b: tensor<3x0xf32>, %c: tensor<3x0xf32>) -> tensor<3x0xf32> {
  %r = tern.where %a, %b, %c : tensor<3x0xf32>, tensor<3x0xf32>, tensor<3x0xf32>
  return %r : tensor<3x0xf32>
}

// With T=1
func.func @reshape_last(%a: tensor<3x0xf32>) -> tensor<0x3xf32> {
  %r = tern.reshape %a : tensor<3x0xf32> to tensor<0x3xf32>
  return %r : tensor<0x3xf32>
}

// With T=1
func.func @sum_first(%a: tensor<0x3xf32>) -> tensor<0xf32> {
  %r = tern.sum "ab->a" %a : tensor<0x3xf32>
  return %r : tensor<0xf32>
}

// With T=1
func.func @mean_first(%a: tensor<0x3xf32>) -> tensor<0xf32> {
  %r = tern.mean "ab->a" %a : tensor<0x3xf32>
  return %r : tensor<0xf32>
}

// With T=1
func.func @amax_first(%a: tensor<0x3xf32>) -> tensor<0xf32> {
  %r = tern.amax "ab->a" %a : tensor<0x3xf32>
  return %r : tensor<0xf32>
}

// With T=1
func.func @amin_first(%a: tensor<0x3xf32>) -> tensor<0xf32> {
  %r = tern.amin "ab->a" %a : tensor<0x3xf32>
  return %r : tensor<0xf32>
}

// With T=1
func.func @logsumexp_first(%a: tensor<0x3xf32>) -> tensor<0xf32> {
  %r = tern.logsumexp "ab->a" %a : tensor<0x3xf32>
  return %r : tensor<0xf32>
}

// With T=1
func.func @sum_first_of_first(%a: tensor<0x3xf32>) -> tensor<3xf32> {
  %r = tern.sum "ab->b" %a : tensor<0x3xf32>
  return %r : tensor<3xf32>
}

// With T=1
func.func @softmax_first(%a: tensor<0x3xf32>) -> tensor<0x3xf32> {
  %r = tern.softmax "ab/b" %a : tensor<0x3xf32>
  return %r : tensor<0x3xf32>
}

// With T=1
func.func @softmax_first_first(%a: tensor<0x3xf32>) -> tensor<0x3xf32> {
  %r = tern.softmax "ab/a" %a : tensor<0x3xf32>
  return %r : tensor<0x3xf32>
}

// With T=1
func.func @rms_norm_first(%a: tensor<0x3xf32>) -> tensor<0x3xf32> {
  %r = tern.rms_norm "ab/b" %a epsilon 1.0e-5 : tensor<0x3xf32>
  return %r : tensor<0x3xf32>
}

// With T=1
func.func @layer_norm_first(%a: tensor<0x3xf32>) -> tensor<0x3xf32> {
  %r = tern.layer_norm "ab/b" %a epsilon 1.0e-5 : tensor<0x3xf32>
  return %r : tensor<0x3xf32>
}

// With T=1
func.func @cumsum_first(%a: tensor<0x3xf32>) -> tensor<0x3xf32> {
  %r = tern.cumsum "ab/b" %a : tensor<0x3xf32>
  return %r : tensor<0x3xf32>
}

// With T=1
func.func @exp_first(%a: tensor<0x3xf32>) -> tensor<0x3xf32> {
  %r = tern.exp %a : tensor<0x3xf32>
  return %r : tensor<0x3xf32>
}

// With T=1
func.func @add_first(%a: tensor<0x3xf32>, %b: tensor<0x3xf32>) -> tensor<0x3xf32> {
  %r = tern.add %a, %b : tensor<0x3xf32>, tensor<0x3xf32>
  return %r : tensor<0x3xf32>
}

// With T=1
func.func @transpose_first(%a: tensor<0x3xf32>) -> tensor<3x0xf32> {
  %r = tern.transpose "ab->ba" %a : tensor<0x3xf32>
  return %r : tensor<3x0xf32>
}

// With T=1
func.func @broadcast_first(%a: tensor<3xf32>) -> tensor<0x3xf32> {
  %r = tern.broadcast "b->ab" %a : tensor<3xf32> to tensor<0x3xf32>
  return %r : tensor<0x3xf32>
}

// With T=1
func.func @concat_first(%a: tensor<0x3xf32>, %b: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %r = tern.concat %a, %b axis 0 : tensor<0x3xf32>, tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}

// With T=1
func.func @slice_first(%a: tensor<4x3xf32>) -> tensor<0x3xf32> {
  %r = tern.slice %a axis 0 from 1 size 0 : tensor<4x3xf32>
  return %r : tensor<0x3xf32>
}

// With T=1
func.func @pad_first(%a: tensor<0x3xf32>) -> tensor<2x3xf32> {
  %r = tern.pad %a axis 0 low 1 high 1 : tensor<0x3xf32>
  return %r : tensor<2x3xf32>
}

// With T=1
func.func @contract_first(%a: tensor<0x3xf32>, %b: tensor<4x3xf32>) -> tensor<0x4xf32> {
  %r = tern.contract "ab,cb->ac" %a, %b : tensor<0x3xf32>, tensor<4x3xf32>
  return %r : tensor<0x4xf32>
}

// With T=1
func.func @contract_none_first(%a: tensor<0x3xf32>, %b: tensor<0x3xf32>) -> tensor<0x0xf32> {
  %r = tern.contract "ab,cb->ac" %a, %b : tensor<0x3xf32>, tensor<0x3xf32>
  return %r : tensor<0x0xf32>
}

// With T=1
func.func @gather_first(%a: tensor<9x3xf32>, %b: tensor<0xi32>) -> tensor<0x3xf32> {
  %r = tern.gather "vd,t->td" %a, %b : tensor<9x3xf32>, tensor<0xi32>
  return %r : tensor<0x3xf32>
}

// With T=1
func.func @scatter_add_first(%a: tensor<0x3xf32>, %b: tensor<0xi32>) -> tensor<9x3xf32> {
  %r = tern.scatter_add "td,t->vd" %a, %b : tensor<0x3xf32>, tensor<0xi32> to tensor<9x3xf32>
  return %r : tensor<9x3xf32>
}

// With T=1
func.func @where_first(%a: tensor<0x3xf32>, %b: tensor<0x3xf32>, %c: tensor<0x3xf32>) -> tensor<0x3xf32> {
  %r = tern.where %a, %b, %c : tensor<0x3xf32>, tensor<0x3xf32>, tensor<0x3xf32>
  return %r : tensor<0x3xf32>
}

// With T=1
func.func @reshape_first(%a: tensor<0x3xf32>) -> tensor<3x0xf32> {
  %r = tern.reshape %a : tensor<0x3xf32> to tensor<3x0xf32>
  return %r : tensor<3x0xf32>
}

// With T=1
func.func @sum_both(%a: tensor<0x0xf32>) -> tensor<0xf32> {
  %r = tern.sum "ab->a" %a : tensor<0x0xf32>
  return %r : tensor<0xf32>
}

// With T=1
func.func @mean_both(%a: tensor<0x0xf32>) -> tensor<0xf32> {
  %r = tern.mean "ab->a" %a : tensor<0x0xf32>
  return %r : tensor<0xf32>
}

// With T=1
func.func @amax_both(%a: tensor<0x0xf32>) -> tensor<0xf32> {
  %r = tern.amax "ab->a" %a : tensor<0x0xf32>
  return %r : tensor<0xf32>
}

// With T=1
func.func @amin_both(%a: tensor<0x0xf32>) -> tensor<0xf32> {
  %r = tern.amin "ab->a" %a : tensor<0x0xf32>
  return %r : tensor<0xf32>
}

// With T=1
func.func @logsumexp_both(%a: tensor<0x0xf32>) -> tensor<0xf32> {
  %r = tern.logsumexp "ab->a" %a : tensor<0x0xf32>
  return %r : tensor<0xf32>
}

// With T=1
func.func @sum_first_of_both(%a: tensor<0x0xf32>) -> tensor<0xf32> {
  %r = tern.sum "ab->b" %a : tensor<0x0xf32>
  return %r : tensor<0xf32>
}

// With T=1
func.func @softmax_both(%a: tensor<0x0xf32>) -> tensor<0x0xf32> {
  %r = tern.softmax "ab/b" %a : tensor<0x0xf32>
  return %r : tensor<0x0xf32>
}

// With T=1
func.func @softmax_first_both(%a: tensor<0x0xf32>) -> tensor<0x0xf32> {
  %r = tern.softmax "ab/a" %a : tensor<0x0xf32>
  return %r : tensor<0x0xf32>
}

// With T=1
func.func @rms_norm_both(%a: tensor<0x0xf32>) -> tensor<0x0xf32> {
  %r = tern.rms_norm "ab/b" %a epsilon 1.0e-5 : tensor<0x0xf32>
  return %r : tensor<0x0xf32>
}

// With T=1
func.func @layer_norm_both(%a: tensor<0x0xf32>) -> tensor<0x0xf32> {
  %r = tern.layer_norm "ab/b" %a epsilon 1.0e-5 : tensor<0x0xf32>
  return %r : tensor<0x0xf32>
}

// With T=1
func.func @cumsum_both(%a: tensor<0x0xf32>) -> tensor<0x0xf32> {
  %r = tern.cumsum "ab/b" %a : tensor<0x0xf32>
  return %r : tensor<0x0xf32>
}

// With T=1
func.func @exp_both(%a: tensor<0x0xf32>) -> tensor<0x0xf32> {
  %r = tern.exp %a : tensor<0x0xf32>
  return %r : tensor<0x0xf32>
}

// With T=1
func.func @add_both(%a: tensor<0x0xf32>, %b: tensor<0x0xf32>) -> tensor<0x0xf32> {
  %r = tern.add %a, %b : tensor<0x0xf32>, tensor<0x0xf32>
  return %r : tensor<0x0xf32>
}

// With T=1
func.func @transpose_both(%a: tensor<0x0xf32>) -> tensor<0x0xf32> {
  %r = tern.transpose "ab->ba" %a : tensor<0x0xf32>
  return %r : tensor<0x0xf32>
}

// With T=1
func.func @broadcast_both(%a: tensor<0xf32>) -> tensor<0x0xf32> {
  %r = tern.broadcast "b->ab" %a : tensor<0xf32> to tensor<0x0xf32>
  return %r : tensor<0x0xf32>
}

// With T=1
func.func @concat_both(%a: tensor<0x0xf32>, %b: tensor<2x0xf32>) -> tensor<2x0xf32> {
  %r = tern.concat %a, %b axis 0 : tensor<0x0xf32>, tensor<2x0xf32>
  return %r : tensor<2x0xf32>
}

// With T=1
func.func @slice_both(%a: tensor<4x0xf32>) -> tensor<0x0xf32> {
  %r = tern.slice %a axis 0 from 1 size 0 : tensor<4x0xf32>
  return %r : tensor<0x0xf32>
}

// With T=1
func.func @pad_both(%a: tensor<0x0xf32>) -> tensor<2x0xf32> {
  %r = tern.pad %a axis 0 low 1 high 1 : tensor<0x0xf32>
  return %r : tensor<2x0xf32>
}

// With T=1
func.func @contract_both(%a: tensor<0x0xf32>, %b: tensor<4x0xf32>) -> tensor<0x4xf32> {
  %r = tern.contract "ab,cb->ac" %a, %b : tensor<0x0xf32>, tensor<4x0xf32>
  return %r : tensor<0x4xf32>
}

// With T=1
func.func @contract_none_both(%a: tensor<0x0xf32>, %b: tensor<0x0xf32>) -> tensor<0x0xf32> {
  %r = tern.contract "ab,cb->ac" %a, %b : tensor<0x0xf32>, tensor<0x0xf32>
  return %r : tensor<0x0xf32>
}

// With T=1
func.func @gather_both(%a: tensor<9x0xf32>, %b: tensor<0xi32>) -> tensor<0x0xf32> {
  %r = tern.gather "vd,t->td" %a, %b : tensor<9x0xf32>, tensor<0xi32>
  return %r : tensor<0x0xf32>
}

// With T=1
func.func @scatter_add_both(%a: tensor<0x0xf32>, %b: tensor<0xi32>) -> tensor<9x0xf32> {
  %r = tern.scatter_add "td,t->vd" %a, %b : tensor<0x0xf32>, tensor<0xi32> to tensor<9x0xf32>
  return %r : tensor<9x0xf32>
}

// With T=1
func.func @where_both(%a: tensor<0x0xf32>, %b: tensor<0x0xf32>, %c: tensor<0x0xf32>) -> tensor<0x0xf32> {
  %r = tern.where %a, %b, %c : tensor<0x0xf32>, tensor<0x0xf32>, tensor<0x0xf32>
  return %r : tensor<0x0xf32>
}

// With T=1
func.func @reshape_both(%a: tensor<0x0xf32>) -> tensor<0x0xf32> {
  %r = tern.reshape %a : tensor<0x0xf32> to tensor<0x0xf32>
  return %r : tensor<0x0xf32>
}

// With T=1
func.func @attention_no_keys(%a: tensor<3x4x16xf32>, %b: tensor<0x4x16xf32>, %c: tensor<0x4x16xf32>) -> tensor<3x4x16xf32> {
  %r = tern.attention %a, %b, %c scale 0.25 : tensor<3x4x16xf32>, tensor<0x4x16xf32>, tensor<0x4x16xf32>
  return %r : tensor<3x4x16xf32>
}

// With T=1
func.func @attention_no_queries(%a: tensor<0x4x16xf32>, %b: tensor<3x4x16xf32>, %c: tensor<3x4x16xf32>) -> tensor<0x4x16xf32> {
  %r = tern.attention %a, %b, %c scale 0.25 : tensor<0x4x16xf32>, tensor<3x4x16xf32>, tensor<3x4x16xf32>
  return %r : tensor<0x4x16xf32>
}

// With T=1
func.func @rotary_none(%a: tensor<0x3x20xf32>, %b: tensor<0x10xf32>, %c: tensor<0x10xf32>) -> tensor<0x3x20xf32> {
  %r = tern.rotary half %a, %b, %c : tensor<0x3x20xf32>, tensor<0x10xf32>, tensor<0x10xf32>
  return %r : tensor<0x3x20xf32>
}

// With T=1
func.func @middle_sum_0_3(%a: tensor<2x0x3xf32>) -> tensor<2x3xf32> {
  %r = tern.sum "cab->cb" %a : tensor<2x0x3xf32>
  return %r : tensor<2x3xf32>
}

// With T=1
func.func @middle_amax_0_3(%a: tensor<2x0x3xf32>) -> tensor<2x0xf32> {
  %r = tern.amax "cab->ca" %a : tensor<2x0x3xf32>
  return %r : tensor<2x0xf32>
}

// With T=1
func.func @middle_sum_3_0(%a: tensor<2x3x0xf32>) -> tensor<2x0xf32> {
  %r = tern.sum "cab->cb" %a : tensor<2x3x0xf32>
  return %r : tensor<2x0xf32>
}

// With T=1
func.func @middle_amax_3_0(%a: tensor<2x3x0xf32>) -> tensor<2x3xf32> {
  %r = tern.amax "cab->ca" %a : tensor<2x3x0xf32>
  return %r : tensor<2x3xf32>
}
