// RUN: tern-opt %s --split-input-file --verify-diagnostics

// Constraints of what makes, reads or compares indices, or works along one axis.

func.func @masked_softmax_a2(%x: tensor<2x3xf32>, %m: tensor<2x4xf32>) {
  // expected-error @below {{the mask 'tensor<2x4xf32>' has not the type of 'tensor<2x3xf32>'}}
  %0 = tern.masked_softmax "tk/k" %x mask %m : tensor<2x3xf32>, tensor<2x4xf32>
  return
}

// -----

func.func @masked_softmax_a1(%x: tensor<2x3xf32>) {
  // expected-error @below {{"tk/" does not name the 2 axes of}}
  %0 = tern.masked_softmax "tk/" %x mask %x : tensor<2x3xf32>, tensor<2x3xf32>
  return
}

// -----

func.func @cumsum_a3(%x: tensor<2x3xf32>) {
  // expected-error @below {{works along one axis, found 2 after the slash of "tk/tk"}}
  %0 = tern.cumsum "tk/tk" %x : tensor<2x3xf32>
  return
}

// -----

func.func @top_k_mask_a3(%x: tensor<2x3xf32>) {
  // expected-error @below {{works along one axis, found 2 after the slash of "tk/tk"}}
  %0 = tern.top_k_mask "tk/tk" %x k 1 : tensor<2x3xf32>
  return
}

// -----

func.func @top_k_mask_k2(%x: tensor<2x3xf32>) {
  // expected-error @below {{has k = -1, expected 0 or more}}
  %0 = tern.top_k_mask "tk/k" %x k -1 : tensor<2x3xf32>
  return
}

// -----

func.func @pad_s3(%x: tensor<2x3xf32>) {
  // expected-error @below {{cannot put 1 zeros before and -1 after axis 1 of 'tensor<2x3xf32>'}}
  %0 = tern.pad %x axis 1 low 1 high -1 : tensor<2x3xf32>
  return
}

// -----

func.func @pad_s3_axis(%x: tensor<2x3xf32>) {
  // expected-error @below {{cannot put 1 zeros before and 0 after axis 2 of 'tensor<2x3xf32>'}}
  %0 = tern.pad %x axis 2 low 1 high 0 : tensor<2x3xf32>
  return
}

// -----

func.func @scatter_add_g3(%x: tensor<2x3xf32>, %i: tensor<2xi32>) {
  // expected-error @below {{has the axes "td,t->td", expected a result with one letter that "td" lacks, and all letters of the indices in "td"}}
  %0 = tern.scatter_add "td,t->td" %x, %i : tensor<2x3xf32>, tensor<2xi32> to tensor<2x3xf32>
  return
}

// -----

func.func @scatter_add_g3_indices(%x: tensor<2x3xf32>, %i: tensor<2xi32>) {
  // expected-error @below {{has the axes "td,s->vd", expected a result with one letter that "td" lacks, and all letters of the indices in "td"}}
  %0 = tern.scatter_add "td,s->vd" %x, %i : tensor<2x3xf32>, tensor<2xi32> to tensor<9x3xf32>
  return
}

// -----

func.func @scatter_add_g4(%x: tensor<2x3xf32>, %i: tensor<4xi32>) {
  // expected-error @below {{axis 't' of 'tensor<4xi32>' has another extent than before}}
  %0 = tern.scatter_add "td,t->vd" %x, %i : tensor<2x3xf32>, tensor<4xi32> to tensor<9x3xf32>
  return
}

// -----

func.func @scatter_add_g5(%x: tensor<2x3xf32>, %i: tensor<2xi32>) {
  // expected-error @below {{changes the element type from 'tensor<2x3xf32>' to 'tensor<9x3xf64>'}}
  %0 = tern.scatter_add "td,t->vd" %x, %i : tensor<2x3xf32>, tensor<2xi32> to tensor<9x3xf64>
  return
}

// -----

func.func @iota_i1() {
  // expected-error @below {{has the axes "s->t", expected one letter, then those of 'tensor<4xi32>' with it}}
  %0 = tern.iota "s->t" : tensor<4xi32>
  return
}

// -----

func.func @iota_i1_rank() {
  // expected-error @below {{has the axes "s->ts", expected one letter, then those of 'tensor<4xi32>' with it}}
  %0 = tern.iota "s->ts" : tensor<4xi32>
  return
}

// -----

func.func @one_hot_g6(%i: tensor<2xi32>) {
  // expected-error @below {{has the axes "t->vd", expected a result with all of "t" and one letter more}}
  %0 = tern.one_hot "t->vd" %i : tensor<2xi32> to tensor<9x3xf32>
  return
}

// -----

func.func @one_hot_g4(%i: tensor<2xi32>) {
  // expected-error @below {{axis 't' of 'tensor<3x9xf32>' has another extent than before}}
  %0 = tern.one_hot "t->tv" %i : tensor<2xi32> to tensor<3x9xf32>
  return
}
