// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_GENERATE_MODEL_H
#define TERN_TOOLS_GENERATE_MODEL_H

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tern::generate {

/// New tokens of one sequence.
struct Entry {
  int32_t sequence;            ///< 0 .. maxSequences - 1
  std::vector<int32_t> tokens; ///< follow those that the sequence holds
  int64_t fullLength;          ///< of the sequence when its prompt is complete
  bool wantsAllLogits = false; ///< of every new token, not of the last alone
};

/// How the next token is chosen; techniques G.1. Temperature 0 is greedy.
struct Sampling {
  float temperature = 0;
  int32_t topK = 0; ///< 0: all
  float topP = 1, minP = 0, typicalP = 1, repetitionPenalty = 1;
  uint64_t seed = 0;
};

/// What runs tokens: a session of the runtime, or the reference interpreter. Calls return an error
/// sentence or none.
class Model {
public:
  using Failure = std::optional<std::string>;
  virtual ~Model() = default;

  virtual int64_t vocabulary() const = 0;
  virtual int64_t maxContext() const = 0;

  /// Runs the new tokens of several sequences at once. `logits` gets one row of `vocabulary`
  /// numbers for each row whose logits are wanted, in the order of the entries.
  virtual Failure feed(std::span<const Entry> entries, std::vector<float> &logits) = 0;

  /// Chooses the token that follows `history` given its `logits`; `step` counts the tokens that the
  /// sequence was given so far by this call.
  virtual Failure sample(std::span<const float> logits, std::span<const int32_t> history,
                         const Sampling &sampling, int32_t sequence, int64_t step,
                         int32_t &token) = 0;
};

} // namespace tern::generate

#endif
