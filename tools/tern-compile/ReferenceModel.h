// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_COMPILE_REFERENCEMODEL_H
#define TERN_TOOLS_TERN_COMPILE_REFERENCEMODEL_H

#include "dialects/KV/Reference/KVReference.h"
#include "frontend/checkpoint/ModelConfig.h"
#include "tools/generate/Model.h"

namespace tern {

/// A model run by the references of its operations, in f64. Works on a module of any stage from
/// `import` to `dispatch`.
class ReferenceModel : public generate::Model {
public:
  /// `checkpoint` and `module` must outlive the model.
  ReferenceModel(mlir::ModuleOp module, const checkpoint::Checkpoint &checkpoint,
                 const checkpoint::ModelConfig &config, int64_t maxContext);

  int64_t vocabulary() const override { return config.vocabulary; }
  int64_t maxContext() const override { return context; }
  Failure feed(std::span<const generate::Entry> entries, std::vector<float> &logits) override;
  Failure sample(std::span<const float> logits, std::span<const int32_t> history,
                 const generate::Sampling &sampling, int32_t sequence, int64_t step,
                 int32_t &token) override;

private:
  mlir::FailureOr<reference::Tensor> weight(llvm::StringRef name, mlir::RankedTensorType type);

  const checkpoint::Checkpoint &checkpoint;
  const checkpoint::ModelConfig &config;
  int64_t context;
  reference::Interpreter interpreter;
  llvm::StringMap<reference::Tensor> weights;
  std::shared_ptr<kv::CacheState> cache = std::make_shared<kv::CacheState>();
  std::vector<int64_t> lengths; ///< by sequence
};

} // namespace tern

#endif
