// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_FRONTEND_CHECKPOINT_MODELCONFIG_H
#define TERN_FRONTEND_CHECKPOINT_MODELCONFIG_H

#include "frontend/checkpoint/Checkpoint.h"
#include "frontend/checkpoint/ConfigReader.h"
#include "frontend/checkpoint/Rotary.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tern::checkpoint {

enum class Activation { Silu, Gelu, GeluTanh, Relu, QuickGelu };

/// What a decoder is made of, whatever file it was read from. All sizes are positive, every id is
/// below `vocabulary`, `heads` is a multiple of `kvHeads`, all reals are finite.
struct ModelConfig {
  std::string family; ///< general.architecture or model_type: "llama"

  int64_t vocabulary = 0;
  int64_t width = 0; ///< of the residual stream
  int64_t layers = 0;
  int64_t heads = 0;
  int64_t kvHeads = 0;
  int64_t headWidth = 0; ///< heads * headWidth may differ from width
  int64_t ffnWidth = 0;
  int64_t contextLength = 0; ///< positions that the model was made for
  double epsilon = 0;        ///< of the norms

  RotaryConfig rotary;
  Activation activation = Activation::Silu;
  bool tiedEmbeddings = false;   ///< logits use the embedding's weight
  bool qkvBias = false;          ///< query, key and value projections
  bool attentionOutBias = false; ///< the projection after attention
  bool ffnBias = false;

  std::optional<int64_t> bos;
  std::vector<int64_t> eos;   ///< rising; empty if the file names none
  std::optional<bool> addBos; ///< none: the tokenizer decides
};

/// Limits of what is taken for a size, far above any model's. They keep products of two sizes and a
/// number of heads within int64_t, and what is made before the tensors are checked (frequencies of
/// a head, names of the tensors of each layer) small.
inline constexpr Range kSizeRange{1, 1 << 24};
inline constexpr Range kLayerRange{1, 1 << 12};
inline constexpr Range kHeadCountRange{1, 1 << 14};
inline constexpr Range kHeadWidthRange{1, 1 << 13};
inline constexpr Range kContextRange{1, 1 << 30};

/// How the settings of one family are read, from config.json and from GGUF keys, and which tensors
/// they ask for. Mistakes go to the reader.
struct FamilyReader {
  std::string_view name;
  ModelConfig (*readHuggingFace)(ConfigReader &, const Checkpoint &);
  ModelConfig (*readGguf)(ConfigReader &, const Checkpoint &);
  std::vector<ExpectedTensor> (*tensors)(Format, const ModelConfig &);
};

/// Llama 1 to 3 and all that are built like them.
extern const FamilyReader kLlamaReader;

/// Reads and checks the settings of a model of one of `families`.
Expected<ModelConfig> readModelConfig(const Checkpoint &checkpoint,
                                      std::span<const FamilyReader> families = {&kLlamaReader, 1});

/// Fails at the first tensor that the settings ask for and that is missing, has another shape or a
/// type that is not read; frequencies are read as well.
Failure checkModel(const Checkpoint &checkpoint, const ModelConfig &config,
                   std::span<const FamilyReader> families = {&kLlamaReader, 1});

/// The family that the file names: general.architecture or model_type.
Expected<std::string> readFamily(const Checkpoint &checkpoint);

/// Reads `rotary.factorsTensor`: a finite divisor above zero for each pair. Empty if there is none.
Expected<std::vector<float>> readRotaryFactors(const Checkpoint &checkpoint,
                                               const RotaryConfig &rotary);

// What the readers of families are made of.

/// Reads the sizes and the norms' epsilon by the names that most families share.
void readHuggingFaceSizes(ConfigReader &reader, ModelConfig &config);
void readGgufSizes(ConfigReader &reader, const Checkpoint &checkpoint, std::string_view family,
                   ModelConfig &config);

/// Reads config.json's rope_parameters, or the older rope_scaling and rope_theta.
RotaryConfig readHuggingFaceRotary(ConfigReader &reader, int64_t headWidth, int64_t contextLength);

/// Reads the keys `<family>.rope.*` and finds the tensor rope_freqs.weight.
RotaryConfig readGgufRotary(ConfigReader &reader, const Checkpoint &checkpoint,
                            std::string_view family, int64_t headWidth, int64_t contextLength);

/// The activation with a name in config.json.
Activation readActivation(ConfigReader &reader, std::string_view key, std::string_view ifAbsent);

/// Reads bos, eos and addBos; the vocabulary is known. What generation_config.json says of eos goes
/// before config.json.
void readSpecialTokens(ConfigReader &reader, const Checkpoint &checkpoint, ModelConfig &config);

} // namespace tern::checkpoint

#endif
