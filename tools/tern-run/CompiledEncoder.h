// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_RUN_COMPILEDENCODER_H
#define TERN_TOOLS_TERN_RUN_COMPILEDENCODER_H

#include "tern/tern.hpp"
#include "tools/generate/Embedder.h"

namespace tern {

/// The program `encode` of a model as what embedding runs on.
class CompiledEncoder : public generate::Encoder {
public:
  /// Throws tern::Error if the model is no encoder.
  explicit CompiledEncoder(tern::Model model);

  bool hasLogits() const override { return find("logits"); }
  generate::Encoding encode(std::span<const int32_t> tokens, std::span<const int32_t> types,
                            bool wantsLogits) override;

private:
  const tern_argument_t *find(std::string_view output) const;
  command::Tensor read(std::string_view output) const;

  tern::Model model;
  Call call;
  std::vector<tern_argument_t> arguments;
};

} // namespace tern

#endif
