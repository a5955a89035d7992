// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-compile/ReferenceWeights.h"

#include "frontend/checkpoint/Dequantise.h"

using namespace mlir;
using tern::reference::Tensor;

namespace tern {

FailureOr<Tensor> ReferenceWeights::find(StringRef name, RankedTensorType type) {
  if (auto known = tensors.find(name); known != tensors.end())
    return known->second;
  const checkpoint::Tensor *stored =
      checkpoint ? checkpoint->find(std::string_view(name.data(), name.size())) : nullptr;
  if (!stored || stored->type == checkpoint::StorageType::Other)
    return failure();
  Tensor tensor = Tensor::make(type.getShape());
  if (stored->rows() * stored->columns() != tensor.size())
    return failure();
  checkpoint::dequantise(*stored, 0, stored->rows(), tensor.data->data());
  tensors[name] = tensor;
  return tensor;
}

} // namespace tern
