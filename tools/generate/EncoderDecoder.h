// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_GENERATE_ENCODERDECODER_H
#define TERN_TOOLS_GENERATE_ENCODERDECODER_H

#include "tools/command/Tensor.h"
#include "tools/generate/Model.h"

namespace tern::generate {

/// Runs a function of a model by name. Inputs and outputs are in the function's order. Throws what
/// is wrong.
using RunFunction = std::function<std::vector<command::Tensor>(
    const std::string &name, const std::vector<command::Tensor> &inputs)>;

/// A model whose functions `encode` and `decode` are those of EncoderDecoder.cpp in
/// frontend/architecture. The first tokens that a sequence is fed are read by the encoder, and the
/// decoder's `start` follows them; later ones are the decoder's. A sequence's keys and values lie
/// here, as tensors that go into each call and come out of it.
class EncoderDecoder : public Model {
public:
  EncoderDecoder(RunFunction run, int32_t start) : run(std::move(run)), start(start) {}

  bool readsPromptApart() const override { return true; }
  Failure feed(std::span<const Entry> entries, const OnLogits &onLogits) override;
  Failure sample(std::span<const int32_t> sequences, const Sampling &sampling,
                 std::span<int32_t> tokens) override;

private:
  struct Sequence {
    command::Tensor cross; ///< [S, W]: keys and values of the prompt
    command::Tensor past;  ///< [P, W]: of the decoder's tokens
    std::vector<int32_t> tokens;
    std::vector<float> logits; ///< after the last token
    uint64_t drawn = 0;
  };

  void encode(Sequence &sequence, std::span<const int32_t> tokens) const;
  void decode(Sequence &sequence, const Entry &entry, std::span<const int32_t> tokens,
              const OnLogits &onLogits) const;
  int32_t draw(const Sequence &sequence, int32_t number, const Sampling &sampling) const;

  RunFunction run;
  int32_t start;
  std::vector<Sequence> sequences;
};

} // namespace tern::generate

#endif
