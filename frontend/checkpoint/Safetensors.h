// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_FRONTEND_CHECKPOINT_SAFETENSORS_H
#define TERN_FRONTEND_CHECKPOINT_SAFETENSORS_H

#include "frontend/checkpoint/Expected.h"
#include "frontend/checkpoint/MappedFile.h"
#include "frontend/checkpoint/Tensor.h"

#include <string>
#include <utility>
#include <vector>

namespace tern::checkpoint {

struct SafetensorsContent {
  std::vector<std::pair<std::string, std::string>> metadata; ///< `__metadata__`, in file order
  std::vector<Tensor> tensors;                               ///< by their place in the file
};

/// Reads the head of a safetensors file. The tensors cover the data without gap or overlap, and the
/// size of each is that of its type and shape; types unknown to us are kept by name and have
/// whatever size the file says.
Expected<SafetensorsContent> readSafetensors(const MappedFile &file);

} // namespace tern::checkpoint

#endif
