// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-compile/ArtefactSources.h"

#include "llvm/Support/Path.h"

namespace tern {

using checkpoint::StorageType;
using format::ElementType;

static ElementType elementTypeOf(StorageType type) {
  std::optional<ElementType> element = format::findElementType(checkpoint::nameOf(type));
  assert(element && "a type that is read and that no artefact names");
  return *element;
}

void addWeights(ArtefactSources &sources, const checkpoint::Checkpoint &model) {
  for (const checkpoint::MappedFile &file : model.files())
    sources.files.push_back({llvm::sys::path::filename(file.path()).str(), file.size(),
                             format::hashBytes(file.bytes())});
  sources.findTensor = [&model](llvm::StringRef name) -> std::optional<format::SourceTensor> {
    const checkpoint::Tensor *tensor = model.find(std::string_view(name.data(), name.size()));
    if (!tensor)
      return std::nullopt;
    if (tensor->type == StorageType::Other) // is read byte by byte
      return format::SourceTensor{tensor->name,  tensor->file,    tensor->offset,
                                  tensor->bytes, ElementType::I8, {int64_t(tensor->bytes)}};
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
