// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_FRONTEND_CHECKPOINT_TENSOR_H
#define TERN_FRONTEND_CHECKPOINT_TENSOR_H

#include "frontend/checkpoint/StorageType.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tern::checkpoint {

/// A tensor of a checkpoint. Its bytes lie in a read-only mapping, in row-major order; they are
/// aligned as the file aligns them, which for safetensors can be any address.
struct Tensor {
  std::string name;
  StorageType type = StorageType::Other;
  std::string typeName;       ///< as the file format calls the type
  std::vector<int64_t> shape; ///< rows first, as in PyTorch; empty for a scalar
  uint32_t file = 0;          ///< index into Checkpoint::files()
  uint64_t offset = 0;        ///< of the first byte in that file
  uint64_t bytes = 0;
  const std::byte *data = nullptr;

  /// Elements that lie next to each other: the last size, 1 for a scalar.
  int64_t columns() const { return shape.empty() ? 1 : shape.back(); }

  /// The product of all sizes but the last.
  int64_t rows() const {
    int64_t product = 1;
    for (size_t i = 0; i + 1 < shape.size(); ++i)
      product *= shape[i];
    return product;
  }
};

/// A shape as messages show it: [3, 4].
std::string toText(const std::vector<int64_t> &shape);

} // namespace tern::checkpoint

#endif
