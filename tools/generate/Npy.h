// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_GENERATE_NPY_H
#define TERN_TOOLS_GENERATE_NPY_H

#include <cstdint>
#include <span>
#include <string>

namespace tern::generate {

/// Writes a NumPy file (format 1.0) of a row-major f32 matrix of `columns` columns. Throws
/// UserError if the file can't be written.
void saveNpy(const std::string &path, std::span<const float> values, int64_t columns);

} // namespace tern::generate

#endif
