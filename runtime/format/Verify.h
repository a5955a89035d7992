// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/format/CodeImage.h"
#include "runtime/format/Error.h"
#include "runtime/format/Index.h"

/// What must hold of an index before anything is made of it. Each constraint
/// has a label, found again at its check and in its test.
///
/// Names and dimensions
/// - (V1) names of dimensions, programs, kernels and packed weights are not
///   empty and differ within their kind; so are those of a program's arguments.
/// - (V2) a dimension has 0 <= min <= max < 2^31.
/// - (V3) expressions are well formed, and defined at every corner of the
///   ranges of the dimensions that their program uses; at most 8 of these.
///
/// Target, model, weights
/// - (V4) the target has a name and its features have names.
/// - (V5) token ids lie in the vocabulary; context and rows are not negative.
/// - (V6) a file's name is not empty and has no directory; its size is not 0.
/// - (V7) a tensor's bytes are those of its shape and type, within its file.
/// - (V8) a packed weight has 1 byte to 2^46 bytes.
/// - (V9) a cache has positive sizes, type f32, f16 or bf16, 64 slots a block,
///   blocks that hold their parts and are a multiple of 64 bytes, and
///   maxBlocks = ceil(maxContext / 64); a state has positive sizes and at most
///   2^46 bytes.
/// - (V10) a kernel for the host starts in an executable segment, and its scratch is at most 1 GiB;
///   one for a device has a device, blocks of 1 to 32 whole warps and of 1 to 2^16 tiles, and at
///   most 227 KiB of shared memory.
/// - (V18) a cubin section and its assembler come together; it is an ELF64 file for NVIDIA's GPUs
///   whose tables lie within it, and has the code of each kernel for the device.
///
/// Programs
/// - (V11) an argument has a type that is no block type, at most 8 dimensions,
///   and sizes that are not negative.
/// - (V12) a dimension that a program uses is the size of an input's dimension.
/// - (V13) a buffer names an existing part of its space and lies within it at
///   every corner; a cache space is given whole.
/// - (V14) sources and the writing of packed weights occur in `load` only;
///   `load` has no arguments, dimensions or caches.
/// - (V15) a launch names an existing kernel, buffers and expressions, and has
///   0 <= tiles < 2^31. Kernels of `load` are the host's; others are the device's if there is one.
/// - (V16) a copy stays within both buffers, which are no caches, do not
///   overlap in one space, and the destination may be written.
/// - (V17) a model's `step` and `sample` have the arguments that the runtime
///   gives them (Signature.cpp says which).
namespace tern::format {

Error verifyIndex(const Index &index, const CodeImage &image);

/// V18, of the section's bytes, which are none if there is no section.
Error verifyCubin(const Index &index, std::span<const std::byte> cubin);

/// The part of V11, V13, V15 and V16 that depends on the dimensions' values.
/// `values[i]` is the value of `program.expressions[i]`. The runtime asks
/// again at each new set of values, since corners do not prove the inside.
Error verifyValues(const Index &index, const Program &program, const std::vector<int64_t> &values);

/// V17, and that `load` is what V14 says.
Error verifySignature(const Index &index, const Program &program);

} // namespace tern::format
