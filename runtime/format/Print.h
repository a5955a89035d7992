// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/format/Index.h"

namespace tern::format {

/// The index as text, for people and for tests: target, model, dimensions,
/// kernels, weights, then each program with one command a line. The index was
/// verified.
std::string printIndex(const Index &index);

/// One program of the index, as printIndex shows it.
std::string printProgram(const Index &index, const Program &program);

/// What a buffer is a range of: `arena`, `packed NAME`, `cache0.pool`.
std::string printSpace(const Index &index, const Program &program, const Buffer &buffer);

} // namespace tern::format
