// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-compile/ArtefactSources.h"

#include "llvm/Support/Path.h"

namespace tern {

using checkpoint::StorageType;
using format::ElementType;

static ElementType elementTypeOf(StorageType type) {
  switch (type) {
  case StorageType::F32:
    return ElementType::F32;
  case StorageType::F16:
    return ElementType::F16;
  case StorageType::BF16:
    return ElementType::BF16;
  case StorageType::Q8_0:
    return ElementType::Q8_0;
  case StorageType::Q4_0:
    return ElementType::Q4_0;
  case StorageType::Q4_1:
    return ElementType::Q4_1;
  case StorageType::Other:
    break;
  }
  // The import refuses tensors of other types.
  llvm_unreachable("a weight of a type that is not read");
}

void addWeights(ArtefactSources &sources, const checkpoint::Checkpoint &model) {
  for (const checkpoint::MappedFile &file : model.files())
    sources.files.push_back({llvm::sys::path::filename(file.path()).str(), file.size(),
                             format::hashBytes(file.bytes())});
  sources.findTensor = [&model](llvm::StringRef name) -> std::optional<format::SourceTensor> {
    const checkpoint::Tensor *tensor = model.find(std::string_view(name.data(), name.size()));
    if (!tensor || tensor->type == StorageType::Other)
      return std::nullopt;
    return format::SourceTensor{
        tensor->name, tensor->file, tensor->offset, tensor->bytes, elementTypeOf(tensor->type),
        tensor->shape};
  };
}

void embedWeights(format::Artefact &artefact, const checkpoint::Checkpoint &model) {
  for (const format::SourceTensor &tensor : artefact.index.tensors) {
    const checkpoint::Tensor *stored = model.find(tensor.name);
    artefact.embedded.emplace_back(stored->data, stored->bytes);
  }
  artefact.index.files.clear();
}

} // namespace tern
