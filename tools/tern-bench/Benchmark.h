// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_BENCH_BENCHMARK_H
#define TERN_TOOLS_TERN_BENCH_BENCHMARK_H

#include "tern/tern.hpp"
#include "tools/tern-bench/Limits.h"
#include "tools/tern-bench/StepCost.h"

#include <optional>
#include <string>

namespace tern::bench {

struct Options {
  /// Tokens; absent: 512 and 128, or what the model's context allows.
  std::optional<int64_t> prompt, maxTokens;
  int32_t threads = 0, repeat = 5;
  std::string weights;    ///< empty: beside the artefact
  std::string loadCache;  ///< folder of packed weights; empty: none
  std::string perplexity; ///< name of a text file, or empty
  std::string text;       ///< that it holds
  std::string against;    ///< an artefact with which speeds are compared, or empty
};

/// The same tokens in every run, spread over the vocabulary: what they are does not matter to the
/// time, and none ends the text.
std::vector<int32_t> someTokens(int64_t count, int64_t vocabulary);

/// The length that `flag` gave, or the usual one. Throws command::UserError unless it is 1 to
/// `most`.
int64_t lengthFor(const char *flag, std::optional<int64_t> given, int64_t usual, int64_t most);

/// Tokens a second, and the part of a limit that they make.
struct Rate {
  double tokensPerSecond = 0, share = 0;
};

struct Perplexity {
  size_t tokens = 0;  ///< that were predicted
  double meanNll = 0; ///< nats
};

/// How many times as fast one artefact is as another, in pairs of measurements.
struct Ratio {
  double median = 1, lowerQuartile = 1, upperQuartile = 1;
};
struct Comparison {
  Ratio decode, prefill;
};

/// Each the median of all repeats.
struct Figures {
  Limits limits;
  Rate decode, prefill;   ///< shares of the read limit, and of the peaks of the weights' types
  double loadSeconds = 0; ///< opening the artefact and packing its weights
  double firstTokenSeconds = 0; ///< from a closed artefact, weights packed before, to a token
  uint64_t residentBytes = 0;   ///< of the process once all has run, the meter's memory left out
  std::optional<Perplexity> perplexity;
  std::optional<Comparison> against;
};

/// Runs everything. Throws command::UserError or tern::Error.
Figures runBenchmark(const std::string &artefact, const Options &options);

} // namespace tern::bench

#endif
