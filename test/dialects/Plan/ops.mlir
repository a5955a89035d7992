// RUN: tern-opt %s --verify-roundtrip

// Every spelling of each operation survives parse, print, parse.

plan.packed @weights bytes 4096

plan.kernel @scale strides [4, 4] scratch 64 {
}

plan.kernel @shift strides [] {
}

plan.program @step arguments ["x", "y"] [tensor<?x4xf32, #tern.dims<T>>, tensor<?x4xf32, #tern.dims<T>>] inputs 1 arena 256 {
  %0 = plan.buffer input "x" from 0 bytes #tern.extent<16 * T>
  %1 = plan.buffer arena "" from 64 bytes #tern.extent<16 * T + 4>
  %2 = plan.buffer output "y" from 0 bytes #tern.extent<16 * T>
  %3 = plan.buffer packed "weights" from 0 bytes #tern.extent<4096>
  plan.launch @scale(%0, %3, %1) indices [3] sizes [#tern.extent<T>] tiles #tern.extent<2 * T>
  plan.launch @shift(%1) indices []
  plan.launch @shift(%1) indices [] sizes [] tiles #tern.extent<2> if #tern.extent<T - 8>
  plan.copy %1 to %2 bytes #tern.extent<16 * T>
}
