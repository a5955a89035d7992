// RUN: tern-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{has 2 names, 1 types and 1 inputs}}
plan.program @program_p1 arguments ["x", "y"] [tensor<4xf32>] inputs 1 arena 0 {
}

// -----

// expected-error @below {{has 1 names, 1 types and 2 inputs}}
plan.program @program_p1_inputs arguments ["x"] [tensor<4xf32>] inputs 2 arena 0 {
}

// -----

plan.program @launch_l1 arguments ["x"] [tensor<4xf32>] inputs 1 arena 0 {
  %0 = plan.buffer input "x" from 0 bytes #tern.extent<16>
  // expected-error @below {{launches @missing, which is no kernel of the module}}
  plan.launch @missing(%0) indices []
}

// -----

plan.program @buffer_b1 arguments ["x"] [tensor<4xf32>] inputs 1 arena 0 {
  // expected-error @below {{needs the type of its tensor in the space source, and in no other}}
  %0 = plan.buffer source "w" from 0 bytes #tern.extent<16>
}

// -----

plan.program @buffer_b1_input arguments ["x"] [tensor<4xf32>] inputs 1 arena 0 {
  // expected-error @below {{needs the type of its tensor in the space source, and in no other}}
  %0 = plan.buffer input "x" from 0 bytes #tern.extent<16> of tensor<4xf32>
}
