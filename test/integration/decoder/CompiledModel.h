// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TEST_INTEGRATION_DECODER_COMPILEDMODEL_H
#define TERN_TEST_INTEGRATION_DECODER_COMPILEDMODEL_H

#include "tern/tern.hpp"

#include <map>
#include <string>
#include <vector>

namespace tern::test {

/// Runs tern-compile on `model` with `flags`. Returns the artefact's path, a new one at each call.
/// A failure throws with the command.
std::string compile(const std::string &model, const std::string &flags);

/// Rows of logits, one for each token.
using Logits = std::vector<std::vector<float>>;

struct Steps {
  int64_t chunkRows = 0;       ///< 0: the model's own
  bool isTokenByToken = false; ///< each token is fed by a call of its own
};

/// A model that was compiled, loaded on a device and packed.
class CompiledModel {
public:
  /// A `model` that is a module has the weights of the model `weights`.
  CompiledModel(const std::string &model, const std::string &flags, int32_t threads = 1,
                const std::string &weights = "", const char *device = "cpu");

  /// The model with those flags; compiled once in a process.
  static const CompiledModel &get(const std::string &model, const std::string &flags,
                                  int32_t threads = 1, const char *device = "cpu");

  int64_t vocabulary() const { return artefact.facts().vocabulary; }
  Session newSession(int32_t sequences = 1, int64_t chunkRows = 0) const;

  /// Logits after each of the tokens, in a sequence of their own.
  Logits logits(const std::vector<int32_t> &tokens, const Steps &steps = {}) const;

  /// Each feed holds tokens of some sequences; logits of each sequence over all feeds.
  using Feed = std::map<int32_t, std::vector<int32_t>>;
  std::vector<Logits> logitsOfBatches(int32_t sequences, const std::vector<Feed> &feeds,
                                      int64_t chunkRows = 0) const;

  /// `count` tokens after the prompt, each the most likely one.
  std::vector<int32_t> greedy(const std::vector<int32_t> &prompt, size_t count) const;

private:
  std::string source; ///< the model: where the weights are
  Artefact artefact;
  Device device;
  Model model;
};

/// What tern-dump says of kernels that are not from their best schema, a line each.
std::string remarksOf(const std::string &model, const std::string &flags);

/// The index of the largest element, the first of equal ones.
int32_t argmax(const float *values, int64_t count);

} // namespace tern::test

#endif
