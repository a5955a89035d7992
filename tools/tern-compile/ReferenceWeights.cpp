// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-compile/ReferenceWeights.h"

#include "frontend/checkpoint/Dequantise.h"

#include <algorithm>

using namespace mlir;
using tern::reference::Tensor;

namespace tern {

static bool isOfType(const checkpoint::Tensor &stored, RankedTensorType type) {
  if (stored.type == checkpoint::StorageType::Other) // is read byte by byte
    return type.getElementType().isInteger(8) && type.getShape() == ArrayRef(int64_t(stored.bytes));
  std::string element;
  if (auto block = dyn_cast<BlockType>(type.getElementType()))
    element = block.getGgufName();
  else
    llvm::raw_string_ostream(element) << type.getElementType();
  return element == checkpoint::nameOf(stored.type) &&
         type.getShape() == ArrayRef<int64_t>(stored.shape);
}

FailureOr<Tensor> ReferenceWeights::find(StringRef name, RankedTensorType type) {
  if (auto known = tensors.find(name); known != tensors.end())
    return known->second;
  const checkpoint::Tensor *stored =
      checkpoint ? checkpoint->find(std::string_view(name.data(), name.size())) : nullptr;
  if (!stored || !isOfType(*stored, type))
    return failure();
  Tensor tensor = Tensor::make(type.getShape());
  if (stored->type == checkpoint::StorageType::Other)
    std::transform(stored->data, stored->data + stored->bytes, tensor.data->begin(),
                   [](std::byte byte) { return double(int8_t(byte)); });
  else
    checkpoint::dequantise(*stored, 0, stored->rows(), tensor.data->data());
  tensors[name] = tensor;
  return tensor;
}

} // namespace tern
