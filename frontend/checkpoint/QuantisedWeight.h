// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Weights that a Hugging Face directory holds in parts: codes, scales, zero points. What GGUF
// stores in blocks is BlockFormat's matter.
#ifndef TERN_FRONTEND_CHECKPOINT_QUANTISEDWEIGHT_H
#define TERN_FRONTEND_CHECKPOINT_QUANTISEDWEIGHT_H

#include "frontend/checkpoint/ConfigReader.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace tern::checkpoint {

/// quant_method fp8: floats of 8 bits. A block of rows and columns shares a scale; without blocks a
/// row or the whole weight does.
struct FloatScheme {
  int64_t blockRows = 0, blockColumns = 0;
  std::string numbers; ///< e4m3 or e5m2; empty if only the tensors say so
  /// Each weight must have the scale that its inputs would be rounded with. They are not here; but
  /// for one that is missing others take a number that the file does not say.
  bool hasStaticInputs = false;
};

/// quant_method bitsandbytes: rows of 8 bits (LLM.int8), or blocks of 4 bits.
struct BitsAndBytesScheme {
  bool isInteger = false;
  std::string table = "fp4"; ///< or nf4
  bool isNested = false;     ///< the scales are of 8 bits themselves
};

/// quant_method gptq or awq: groups of neighbouring inputs share a scale and a zero point.
struct GroupScheme {
  bool isAwq = false;
  int64_t bits = 4;
  int64_t group = 0;                 ///< 0: all inputs
  bool isSymmetric = false;          ///< every zero point is the middle code
  int64_t zeroOffset = 0;            ///< added to zero points as stored
  std::optional<bool> hasOrder = {}; ///< false: groups are of neighbouring inputs
  std::vector<std::string> modules =
      {}; ///< that are quantised, by the ends of their names; empty: any
  std::optional<bool> isHeadInCodes = {}; ///< of `lm_head`
};

/// What config.json says in quantization_config.
struct QuantisationScheme {
  std::variant<std::monostate, FloatScheme, BitsAndBytesScheme, GroupScheme> kind;
  std::vector<std::string> omitted; ///< modules that are not quantised
};

/// Reads quantization_config, all of whose keys must be known; no scheme if there is none.
QuantisationScheme readQuantisation(ConfigReader &reader);

/// W[n,k] = number[code[n,k]] * scale[n / blockRows, k / blockColumns] * factor, rounded to f32
/// after each product, with the numbers' namedFactor(). A code is a byte.
struct ScaledCodes {
  std::string codes, scales;
  std::string_view numbers; ///< a name of namedNumbers()
  int64_t blockRows = 1, blockColumns = 1;
};

/// With the elements of W numbered row by row, W[i] = number[code[i]] * scale[i / block], rounded
/// to f32. Codes have 4 bits, the first of two in a byte's high half.
struct TableCodes {
  /// scale[j] = number[code[j]] * scales[j / block] + offset, in f32; codes are bytes.
  struct Nested {
    std::string scales;
    std::vector<float> numbers;
    int64_t block = 1;
    double offset = 0;
  };
  std::string codes, scales;  ///< what scales holds are codes if they are nested
  std::vector<float> numbers; ///< of the 16 codes
  int64_t block = 1;
  std::optional<Nested> nested;
};

/// W[n,k] = scale[g,n] * (code[n,k] - zero[g,n]) with the group g = k / group, or g = index[k] if
/// there is an index: exact in f32 for scales of 16 bits. An i32 holds neighbouring codes from its
/// low bits on: of inputs in `qweight` [in / per, out] of GPTQ, of outputs in `qzeros` [groups, out
/// / per] and in AWQ's `qweight` [in, out / 8], there in the order 0 2 4 6 1 3 5 7.
struct GroupedCodes {
  std::string codes, zeros, scales;
  std::string index; ///< empty if groups are neighbours
  bool isAwq = false;
  int64_t bits = 4, group = 1;
  int64_t zeroOffset = 0;   ///< added to the stored zero point, modulo 2^bits
  bool isSymmetric = false; ///< every zero point is the middle code
};

/// How a weight [out, in] is made of stored tensors, all of which were found to be as they must.
using QuantisedWeight = std::variant<ScaledCodes, TableCodes, GroupedCodes>;

/// True unless a module without codes is one of those that transformers and vLLM take for codes.
/// The files of gptq, and those of awq without a list, say by their tensors alone which weights
/// have some; else a name of the scheme's is a part of the module's, or a pattern that may fit it.
bool mayBePlain(const QuantisationScheme &scheme, const std::string &module);

/// The parts of the weight that `wanted` names, which ends in ".weight"; nothing if it is stored as
/// it is. Fails if parts are missing, misshapen, or contradict the scheme.
Expected<std::optional<QuantisedWeight>> findQuantised(const Checkpoint &checkpoint,
                                                       const QuantisationScheme &scheme,
                                                       const ExpectedTensor &wanted);

/// How a model that runs holds a weight.
struct HeldForm {
  std::string_view blocks; ///< a BlockFormat's name; empty if it is held in f32
  std::string reason;      ///< why it is held in f32
};

/// How a weight of `in` inputs is held; `isFactor` if all that is done with it is x W^T.
HeldForm heldForm(const Checkpoint &checkpoint, const QuantisedWeight &weight, int64_t in,
                  bool isFactor);

/// Fails at a scale, or a code of an 8-bit float, that stands for no finite number. Reads all of
/// them.
Failure checkNumbers(const Checkpoint &checkpoint, const QuantisedWeight &weight);

/// The numbers of the weight [out, in], row by row, by the law of its kind. What findQuantised()
/// gave for that shape.
std::vector<float> numbersOf(const Checkpoint &checkpoint, const QuantisedWeight &weight,
                             int64_t out, int64_t in);

/// The names of the tensors that it is made of, in the order of its fields; not all are read.
std::vector<std::string> namesOfParts(const QuantisedWeight &weight, const std::string &name);

} // namespace tern::checkpoint

#endif
