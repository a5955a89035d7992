// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_FRONTEND_CHECKPOINT_ROTARY_H
#define TERN_FRONTEND_CHECKPOINT_ROTARY_H

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tern::checkpoint {

enum class RotaryKind { Default, Linear, Dynamic, Yarn, Llama3, Long };

/// Which elements of a head of width D are rotated as pairs: (i, i + D/2), or (2i, 2i + 1).
enum class RotaryLayout { HalfSplit, Interleaved };

/// The settings of a rotary embedding, as checked as ModelConfig promises.
struct RotaryConfig {
  RotaryKind kind = RotaryKind::Default;
  RotaryLayout layout = RotaryLayout::HalfSplit;
  double theta = 10000;   ///< the base
  int64_t dimensions = 0; ///< of a head that are rotated; even
  double factor = 1;      ///< Linear, Dynamic, Yarn, Llama3; Long: how far the context grew

  /// Yarn, Llama3: the context of the training before; Dynamic: up to which nothing is scaled;
  /// Long: up to which the short factors hold.
  int64_t originalContext = 0;

  double lowFrequencyFactor = 1;  ///< Llama3
  double highFrequencyFactor = 4; ///< Llama3

  // Yarn: rotations over the original context above which a pair is not scaled, and below which it
  // is scaled in full; whether the bounds are rounded to whole pairs.
  double betaFast = 32;
  double betaSlow = 1;
  bool truncate = true;
  std::optional<double> mscale, mscaleAllDimensions;

  /// What cosine and sine are multiplied by, if the file says so.
  std::optional<double> attentionFactor;

  /// Long: divisors of the frequencies of each pair, for sequences up to `originalContext` and for
  /// longer ones; empty if tensors have them.
  std::vector<double> shortFactors, longFactors;

  /// Names of tensors of `dimensions / 2` divisors of the frequencies; empty if there is none. The
  /// second is that of the long factors.
  std::string factorsTensor, longFactorsTensor;
};

/// At position p pair i is rotated by p * inverseFrequencies[i], and the result is multiplied by
/// `scale`.
struct Rotary {
  std::vector<double> inverseFrequencies;
  std::vector<double> longFrequencies; ///< of kind Long, for sequences beyond `originalContext`
  double scale = 1;
};

/// Divisors of the frequencies that are tensors of the checkpoint.
struct RotaryFactors {
  std::vector<float> all;    ///< of `factorsTensor`; for Long the short ones
  std::vector<float> longer; ///< of `longFactorsTensor`
};

/// What a model with `config` computes with.
/// For Dynamic these are the numbers up to `originalContext`; beyond, the base is dynamicBase.
Rotary computeRotary(const RotaryConfig &config, const RotaryFactors &factors = {});

/// What cosine and sine are multiplied by.
double attentionScale(const RotaryConfig &config);

/// What DeepSeek's scores are multiplied by twice, for queries and keys: that of `mscale_all_dim`
/// for kind Yarn, else 1.
double yarnScoreFactor(const RotaryConfig &config);

/// The base of kind Dynamic for a sequence of `length` positions:
/// theta * (factor * L / L0 - (factor - 1)) ^ (d / (d - 2)), L = max(length, L0), L0 =
/// originalContext, d = dimensions.
double dynamicBase(const RotaryConfig &config, int64_t length);

/// theta ^ (-2i / dimensions) for each pair i.
std::vector<double> plainFrequencies(double theta, int64_t dimensions);

} // namespace tern::checkpoint

#endif
