// Gathers and scatters.

// An embedding and a linear layer are one table.
func.func @table(%i: tensor<5xi32>, %j: tensor<5xi32>) -> tensor<5x64xf32> attributes {tern.seek = @table_form} {
  %0 = tern.weight "e" : tensor<100x16xf32>
  %1 = tern.gather "vd,t->td" %0, %i : tensor<100x16xf32>, tensor<5xi32>
  %2 = tern.weight "w" : tensor<64x16xf32>
  %3 = tern.contract "td,nd->tn" %1, %2 : tensor<5x16xf32>, tensor<64x16xf32>
  return %3 : tensor<5x64xf32>
}
func.func @table_form(%i: tensor<5xi32>, %j: tensor<5xi32>) -> tensor<5x64xf32> {
  %0 = tern.weight "e" : tensor<100x16xf32>
  %1 = tern.weight "w" : tensor<64x16xf32>
  %2 = tern.contract "vd,nd->vn" %0, %1 : tensor<100x16xf32>, tensor<64x16xf32>
  %3 = tern.gather "vn,t->tn" %2, %i : tensor<100x64xf32>, tensor<5xi32>
  return %3 : tensor<5x64xf32>
}
func.func @table_not_index(%i: tensor<5xi32>, %j: tensor<5xi32>) -> tensor<5x64xf32> attributes {tern.seek = @table_form} {
  %0 = tern.weight "e" : tensor<100x16xf32>
  %1 = tern.gather "vd,t->td" %0, %j : tensor<100x16xf32>, tensor<5xi32>
  %2 = tern.weight "w" : tensor<64x16xf32>
  %3 = tern.contract "td,nd->tn" %1, %2 : tensor<5x16xf32>, tensor<64x16xf32>
  return %3 : tensor<5x64xf32>
}

// An embedding's scale is paid at load.
func.func @scale(%i: tensor<5xi32>) -> tensor<5x16xf32> attributes {tern.seek = @scale_form} {
  %0 = tern.weight "e" : tensor<100x16xf32>
  %1 = tern.gather "vd,t->td" %0, %i : tensor<100x16xf32>, tensor<5xi32>
  %2 = tern.constant dense<4.0> : tensor<f32>
  %3 = tern.mul %1, %2 : tensor<5x16xf32>, tensor<f32>
  return %3 : tensor<5x16xf32>
}
func.func @scale_form(%i: tensor<5xi32>) -> tensor<5x16xf32> {
  %0 = tern.weight "e" : tensor<100x16xf32>
  %1 = tern.constant dense<4.0> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<100x16xf32>, tensor<f32>
  %3 = tern.gather "vd,t->td" %2, %i : tensor<100x16xf32>, tensor<5xi32>
  return %3 : tensor<5x16xf32>
}
func.func @scale_not_scale(%i: tensor<5xi32>) -> tensor<5x16xf32> attributes {tern.seek = @scale_form} {
  %0 = tern.weight "e" : tensor<100x16xf32>
  %1 = tern.gather "vd,t->td" %0, %i : tensor<100x16xf32>, tensor<5xi32>
  %2 = tern.constant dense<2.0> : tensor<f32>
  %3 = tern.mul %1, %2 : tensor<5x16xf32>, tensor<f32>
  return %3 : tensor<5x16xf32>
}

// Two tables by one index are one.
func.func @two_tables(%i: tensor<5xi32>, %j: tensor<5xi32>) -> tensor<5x16xf32> attributes {tern.seek = @two_tables_form} {
  %0 = tern.weight "e" : tensor<100x16xf32>
  %1 = tern.gather "vd,t->td" %0, %i : tensor<100x16xf32>, tensor<5xi32>
  %2 = tern.weight "f" : tensor<100x16xf32>
  %3 = tern.gather "vd,t->td" %2, %i : tensor<100x16xf32>, tensor<5xi32>
  %4 = tern.add %1, %3 : tensor<5x16xf32>, tensor<5x16xf32>
  return %4 : tensor<5x16xf32>
}
func.func @two_tables_form(%i: tensor<5xi32>, %j: tensor<5xi32>) -> tensor<5x16xf32> {
  %0 = tern.weight "e" : tensor<100x16xf32>
  %1 = tern.weight "f" : tensor<100x16xf32>
  %2 = tern.add %0, %1 : tensor<100x16xf32>, tensor<100x16xf32>
  %3 = tern.gather "vd,t->td" %2, %i : tensor<100x16xf32>, tensor<5xi32>
  return %3 : tensor<5x16xf32>
}
func.func @two_tables_not_index(%i: tensor<5xi32>, %j: tensor<5xi32>) -> tensor<5x16xf32> attributes {tern.seek = @two_tables_form} {
  %0 = tern.weight "e" : tensor<100x16xf32>
  %1 = tern.gather "vd,t->td" %0, %i : tensor<100x16xf32>, tensor<5xi32>
  %2 = tern.weight "f" : tensor<100x16xf32>
  %3 = tern.gather "vd,t->td" %2, %j : tensor<100x16xf32>, tensor<5xi32>
  %4 = tern.add %1, %3 : tensor<5x16xf32>, tensor<5x16xf32>
  return %4 : tensor<5x16xf32>
}

// Indices compose: two compactions are one.
func.func @twice(%x: tensor<9x16xf32>, %i: tensor<7xi32>, %j: tensor<5xi32>) -> tensor<5x16xf32> attributes {tern.seek = @twice_form} {
  %0 = tern.gather "vd,t->td" %x, %i : tensor<9x16xf32>, tensor<7xi32>
  %1 = tern.gather "td,u->ud" %0, %j : tensor<7x16xf32>, tensor<5xi32>
  return %1 : tensor<5x16xf32>
}
func.func @twice_form(%x: tensor<9x16xf32>, %i: tensor<7xi32>, %j: tensor<5xi32>) -> tensor<5x16xf32> {
  %0 = tern.gather "t,u->u" %i, %j : tensor<7xi32>, tensor<5xi32>
  %1 = tern.gather "vd,u->ud" %x, %0 : tensor<9x16xf32>, tensor<5xi32>
  return %1 : tensor<5x16xf32>
}
func.func @twice_not_columns(%x: tensor<9x16xf32>, %i: tensor<7xi32>, %j: tensor<5xi32>) -> tensor<5x16xf32> attributes {tern.seek = @twice_form} {
  %0 = tern.gather "vd,u->ud" %x, %j : tensor<9x16xf32>, tensor<5xi32>
  return %0 : tensor<5x16xf32>
}

// Every row in its place.
func.func @all(%x: tensor<5x16xf32>) -> tensor<5x16xf32> attributes {tern.seek = @all_form} {
  %0 = tern.iota "t->t" : tensor<5xi32>
  %1 = tern.gather "vd,t->td" %x, %0 : tensor<5x16xf32>, tensor<5xi32>
  return %1 : tensor<5x16xf32>
}
func.func @all_form(%x: tensor<5x16xf32>) -> tensor<5x16xf32> {
  return %x : tensor<5x16xf32>
}
func.func @all_not_first(%x: tensor<5x16xf32>) -> tensor<5x16xf32> attributes {tern.seek = @all_form} {
  %0 = tern.constant dense<0> : tensor<5xi32>
  %1 = tern.gather "vd,t->td" %x, %0 : tensor<5x16xf32>, tensor<5xi32>
  return %1 : tensor<5x16xf32>
}

// Keys and values that lie side by side.
func.func @side_by_side(%k: tensor<9x16xf32>, %v: tensor<9x8xf32>, %i: tensor<5xi32>) -> tensor<5x24xf32> attributes {tern.seek = @side_by_side_form} {
  %0 = tern.concat %k, %v axis 1 : tensor<9x16xf32>, tensor<9x8xf32>
  %1 = tern.gather "sd,t->td" %0, %i : tensor<9x24xf32>, tensor<5xi32>
  return %1 : tensor<5x24xf32>
}
func.func @side_by_side_form(%k: tensor<9x16xf32>, %v: tensor<9x8xf32>, %i: tensor<5xi32>) -> tensor<5x24xf32> {
  %0 = tern.gather "sd,t->td" %k, %i : tensor<9x16xf32>, tensor<5xi32>
  %1 = tern.gather "sd,t->td" %v, %i : tensor<9x8xf32>, tensor<5xi32>
  %2 = tern.concat %0, %1 axis 1 : tensor<5x16xf32>, tensor<5x8xf32>
  return %2 : tensor<5x24xf32>
}
func.func @side_by_side_not_order(%k: tensor<9x16xf32>, %v: tensor<9x8xf32>, %i: tensor<5xi32>) -> tensor<5x24xf32> attributes {tern.seek = @side_by_side_form} {
  %0 = tern.concat %v, %k axis 1 : tensor<9x8xf32>, tensor<9x16xf32>
  %1 = tern.gather "sd,t->td" %0, %i : tensor<9x24xf32>, tensor<5xi32>
  return %1 : tensor<5x24xf32>
}

// A low-rank term of an embedding.
func.func @low_rank(%i: tensor<5xi32>) -> tensor<5x16xf32> attributes {tern.seek = @low_rank_form} {
  %0 = tern.weight "e" : tensor<100x16xf32>
  %1 = tern.constant dense<0.5> : tensor<f32>
  %2 = tern.weight "a" : tensor<4x100xf32>
  %3 = tern.weight "b" : tensor<16x4xf32>
  %4 = tern.contract "av,da->vd" %2, %3 : tensor<4x100xf32>, tensor<16x4xf32>
  %5 = tern.mul %1, %4 : tensor<f32>, tensor<100x16xf32>
  %6 = tern.add %0, %5 : tensor<100x16xf32>, tensor<100x16xf32>
  %7 = tern.gather "vd,t->td" %6, %i : tensor<100x16xf32>, tensor<5xi32>
  return %7 : tensor<5x16xf32>
}
func.func @low_rank_form(%i: tensor<5xi32>) -> tensor<5x16xf32> {
  %0 = tern.weight "e" : tensor<100x16xf32>
  %1 = tern.gather "vd,t->td" %0, %i : tensor<100x16xf32>, tensor<5xi32>
  %2 = tern.constant dense<0.5> : tensor<f32>
  %3 = tern.weight "a" : tensor<4x100xf32>
  %4 = tern.gather "av,t->at" %3, %i : tensor<4x100xf32>, tensor<5xi32>
  %5 = tern.weight "b" : tensor<16x4xf32>
  %6 = tern.contract "at,da->td" %4, %5 : tensor<4x5xf32>, tensor<16x4xf32>
  %7 = tern.mul %2, %6 : tensor<f32>, tensor<5x16xf32>
  %8 = tern.add %1, %7 : tensor<5x16xf32>, tensor<5x16xf32>
  return %8 : tensor<5x16xf32>
}
func.func @low_rank_not_scale(%i: tensor<5xi32>) -> tensor<5x16xf32> attributes {tern.seek = @low_rank_form} {
  %0 = tern.weight "e" : tensor<100x16xf32>
  %1 = tern.weight "a" : tensor<4x100xf32>
  %2 = tern.weight "b" : tensor<16x4xf32>
  %3 = tern.contract "av,da->vd" %1, %2 : tensor<4x100xf32>, tensor<16x4xf32>
  %4 = tern.add %0, %3 : tensor<100x16xf32>, tensor<100x16xf32>
  %5 = tern.gather "vd,t->td" %4, %i : tensor<100x16xf32>, tensor<5xi32>
  return %5 : tensor<5x16xf32>
}

// An activation of a table is paid at load.
func.func @activation(%i: tensor<5xi32>) -> tensor<5x16xf32> attributes {tern.seek = @activation_form} {
  %0 = tern.weight "e" : tensor<100x16xf32>
  %1 = tern.gather "vd,t->td" %0, %i : tensor<100x16xf32>, tensor<5xi32>
  %2 = tern.gelu %1 : tensor<5x16xf32>
  return %2 : tensor<5x16xf32>
}
func.func @activation_form(%i: tensor<5xi32>) -> tensor<5x16xf32> {
  %0 = tern.weight "e" : tensor<100x16xf32>
  %1 = tern.gelu %0 : tensor<100x16xf32>
  %2 = tern.gather "vd,t->td" %1, %i : tensor<100x16xf32>, tensor<5xi32>
  return %2 : tensor<5x16xf32>
}
func.func @activation_not_other(%i: tensor<5xi32>) -> tensor<5x16xf32> attributes {tern.seek = @activation_form} {
  %0 = tern.weight "e" : tensor<100x16xf32>
  %1 = tern.gather "vd,t->td" %0, %i : tensor<100x16xf32>, tensor<5xi32>
  %2 = tern.silu %1 : tensor<5x16xf32>
  return %2 : tensor<5x16xf32>
}
