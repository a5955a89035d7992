// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_GENERATE_MODEL_H
#define TERN_TOOLS_GENERATE_MODEL_H

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace tern::generate {

/// New tokens of one sequence.
struct Entry {
  int32_t sequence;                ///< 0 .. the number of sequences - 1
  std::span<const int32_t> tokens; ///< follow those that the sequence holds
  bool wantsAllLogits = false;     ///< of every new token, not of the last alone
};

/// How the next token is chosen; techniques G.1. Temperature 0 is greedy.
struct Sampling {
  float temperature = 0;
  int32_t topK = 0; ///< 0: all
  float topP = 1, minP = 0, typicalP = 1, repetitionPenalty = 1;
  uint64_t seed = 0;
};

/// What is known of a model before it is ready to run.
struct ModelFacts {
  std::string name; ///< for messages
  int64_t maxContext = 0, vocabulary = 0;
  std::vector<int32_t> endTokens; ///< these end a text
};

/// What runs tokens: a session of the runtime, or the reference interpreter. Calls return an error
/// sentence or none.
class Model {
public:
  using Failure = std::optional<std::string>;
  /// Receives `vocabulary` numbers, valid during the call, in the order of a sequence's tokens.
  using OnLogits = std::function<void(int32_t sequence, std::span<const float> logits)>;
  virtual ~Model() = default;

  /// True if an encoder reads a prompt at once, and the answer has a context of its own.
  virtual bool readsPromptApart() const { return false; }

  /// Runs the new tokens of several sequences at once. `onLogits` may be empty.
  virtual Failure feed(std::span<const Entry> entries, const OnLogits &onLogits) = 0;

  /// Chooses the token that follows the last of each sequence, without feeding it.
  virtual Failure sample(std::span<const int32_t> sequences, const Sampling &sampling,
                         std::span<int32_t> tokens) = 0;
};

} // namespace tern::generate

#endif
