// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_FRONTEND_CHECKPOINT_MODELCONFIG_H
#define TERN_FRONTEND_CHECKPOINT_MODELCONFIG_H

#include "frontend/checkpoint/Checkpoint.h"
#include "frontend/checkpoint/ConfigReader.h"
#include "frontend/checkpoint/LinearForm.h"
#include "frontend/checkpoint/QuantisedWeight.h"
#include "frontend/checkpoint/Rotary.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tern::checkpoint {

enum class Activation { Silu, Gelu, GeluTanh, Relu, QuickGelu };

/// How a stream is normalised: by its root mean square, or by its deviation from its mean.
enum class NormKind { Rms, Layer };

/// What queries and keys are normalised over, before rotation.
enum class QueryKeyNorm { None, Head, Projection };

/// How one projection holds queries, keys and values: one after the other, or for each key-value
/// head its queries, then its key and its value.
enum class FusedRows { None, Concatenated, Grouped };

/// What the tensors are called, without `.weight` and `.bias`; `{}` stands for the layer. Empty for
/// what the family has not.
struct TensorNames {
  std::string embedding, positions, finalNorm, head;
  std::string attentionNorm, query, key, value, fused, queryNorm, keyNorm, attentionOut;
  std::string attentionPostNorm; ///< of what attention adds to the stream
  std::string ffnNorm, gate, up, fusedGateUp, ffnPostNorm;
  std::string down; ///< all of the feed-forward part if `up` and `fusedGateUp` are empty

  // Of feed-forward parts with experts; a second `{}` stands for the expert, and without one a
  // tensor holds those of all experts.
  std::string router, routerCorrection, expertGate, expertUp, expertDown;
  std::string expertUpBias, expertDownBias; ///< of stacked experts
  std::string sharedGate, sharedUp, sharedDown, sharedRouter;

  // Of latent attention: down to the latent vector, its norm, and up to the heads.
  std::string queryDown, queryDownNorm, queryUp, keyValueDown, keyValueDownNorm, keyValueUp;
  std::string keyUp, valueUp; ///< in place of keyValueUp: [heads, rank, key], [heads, value, rank]

  std::string prefixKey, prefixValue, aggregateIn, aggregateOut; ///< of parallel streams
  std::string depthRouter, widthRouter;  ///< of versatile feed-forward parts
  std::string embeddingIn, embeddingOut; ///< between an embedding of another width and the stream
  // Of encoders: token types, the norm of the embedding, and what stands before the logits.
  std::string types, embeddingNorm, headDense, headNorm;

  // Of state spaces; `stateRate` and `stateSkip` are whole names.
  std::string stateIn, convolution, stateSelect, stateStep, stateRate, stateSkip, stateOut;

  // Of an encoder and a decoder: the bias of distances, and the decoder's attention to the encoder.
  std::string relative, crossNorm, crossQuery, crossKey, crossValue, crossOut;

  std::string normWeight = ".weight", normBias = ".bias"; ///< how the tensors of a norm end
};

/// What a group of experts scores: its best expert, or the sum of its best two.
enum class GroupScore { Largest, TopTwo };

/// A feed-forward part of which each row uses a few experts.
struct ExpertConfig {
  int64_t count = 0;
  int64_t active = 0;          ///< experts of a row
  int64_t width = 0;           ///< of each
  bool isSigmoid = false;      ///< scores of experts are sigmoids, else their softmax
  bool isRenormalised = false; ///< the weights of a row's experts are divided by their sum
  double scale = 1;            ///< of the weights, after that

  // A row's experts are in a few groups, those that score most.
  int64_t groups = 1;
  int64_t activeGroups = 1;
  GroupScore groupScore = GroupScore::Largest;

  /// One tensor holds the weights of all experts, [count, in, out], and one their biases,
  /// [count, 1, out]; an expert is down(act(up x)).
  bool isStacked = false;

  int64_t sharedWidth = 0; ///< of a part that every row uses; 0: none
  bool isGateVector =
      false; ///< the weight of that part's gate is stored as [width], not [1, width]
  std::vector<bool> isDense; ///< layers without experts; empty: none is

  bool isSparse(int64_t layer) const { return isDense.empty() || !isDense[size_t(layer)]; }
};

/// Attention whose keys and values are made from one latent vector a row; a part of each key is
/// rotated and the same for all heads.
struct LatentConfig {
  int64_t queryRank = 0; ///< 0: queries are projected from the stream
  int64_t keyValueRank = 0;
  int64_t plainWidth = 0;   ///< of a head's query and key that is not rotated
  int64_t rotatedWidth = 0; ///< of the part after it that is
  double epsilon = 1e-6;    ///< of the norms of latent vectors, whatever that of others
};

/// A bias of scores that is linear in the slot's position, as kv.attend adds it.
struct LinearBias {
  std::vector<float> slopes; ///< of each head
  bool isRounded = false;    ///< to bf16
};

/// Low-rank additions to the maps of experts for the tokens of one modality (arXiv 2503.22517):
/// y + factor * (x A^T) B^T where the token is `first` to `last`, with A [rank, in] and B [out,
/// rank] in `NAME.lora_A.weight` and `NAME.lora_B.weight`.
struct ModalityConfig {
  int64_t rank = 0, first = 0, last = 0;
  double factor = 1;
};

/// ParScale (arXiv 2505.10475): streams that share all weights, told apart by what their attention
/// sees in front of the text; their last states are added with weights that depend on all of them.
struct StreamConfig {
  int64_t count = 1;
  int64_t prefixTokens = 0; ///< keys and values of each stream and head, without positions
  double smooth = 0;        ///< a share of the weights that is the same for all streams
};

/// VersatileFFN (arXiv 2512.14531): a feed-forward part that runs up to `depth` times, and once in
/// `active` of `parts` slices of its width; the fewer loops, the more the slices weigh.
struct VersatileConfig {
  int64_t depth = 4, parts = 8, active = 2;
};

/// How the rows of a text become its vector: their mean, the first one, or their largest numbers.
enum class Pooling { Mean, First, Largest };

/// A model of whole texts: each row sees all others, and norms stand behind the sums of stream and
/// branch.
struct EncoderConfig {
  int64_t typeRows = 0; ///< of the table of token types
  bool hasHead = false; ///< there are logits of masked tokens
  Pooling pooling = Pooling::Mean;
  bool isNormalised = false; ///< a text's vector has length 1
};

/// A decoder that attends to what an encoder made of the prompt. The model's own layers and names
/// are the encoder's. Each head adds to a score what it has for the bucket of the distance of query
/// and key; the buckets are those of T5.
struct EncoderDecoderConfig {
  int64_t decoderLayers = 0;
  int64_t buckets = 0;
  int64_t maxDistance = 0; ///< from which on all are in the last bucket
  int64_t start = 0;       ///< the decoder's first token
  TensorNames names;       ///< of the decoder
};

/// Layers of one branch: a causal convolution of each channel along the sequence, a recurrence
/// whose coefficients each row selects, and a gate.
struct StateSpaceConfig {
  int64_t width = 0;                     ///< channels
  int64_t states = 0;                    ///< numbers that the recurrence keeps of each channel
  int64_t kernel = 0;                    ///< rows that the convolution sees
  int64_t stepRank = 0;                  ///< a row's step sizes are a map of so many numbers
  std::vector<int64_t> convolutionShape; ///< as stored: channels first, kernel last
  bool hasConvolutionBias = true;
  bool isRateLogarithm = false; ///< rates are stored as the logarithms of what they are less than 0
  bool hasBias = false;         ///< of the projections in and out
  std::optional<double> epsilon; ///< of norms of what a row selects, which have no weights
};

/// What a model is made of, whatever file it was read from. All sizes are positive, every id is
/// below `vocabulary`, `heads` is a multiple of `kvHeads`, all reals are finite. What is said of
/// heads and feed-forward parts has no meaning for layers of state spaces.
struct ModelConfig {
  std::string family; ///< general.architecture or model_type: "llama"

  int64_t vocabulary = 0;
  int64_t width = 0;          ///< of the residual stream
  int64_t embeddingWidth = 0; ///< of the embedding and of what logits are made of; 0: width
  int64_t layers = 0;
  int64_t heads = 0;
  int64_t kvHeads = 0;
  int64_t headWidth = 0;  ///< heads * headWidth may differ from width
  int64_t valueWidth = 0; ///< of a head's value; 0: headWidth
  int64_t ffnWidth = 0;
  int64_t contextLength = 0; ///< positions that the model was made for

  NormKind norm = NormKind::Rms;
  double epsilon = 0; ///< of the norms
  bool normBias = false;
  double normOffset = 0;      ///< added to the weights of the norms
  bool isPostNorm = false;    ///< norms stand behind the sums of stream and branch
  bool hasPlainNorms = false; ///< the norms of layers have names, but no weights

  /// Of all layers, or of those that see everything if `windowRotary` is there.
  std::optional<RotaryConfig> rotary;
  std::optional<RotaryConfig> windowRotary; ///< of layers with a window
  int64_t positionRows = 0;                 ///< of a table that is added to the embedding; 0: none
  int64_t positionOffset = 0;               ///< the row of position 0

  Activation activation = Activation::Silu;
  bool isGated = true;           ///< down(act(gate x) * up x), else down(act(up x))
  bool isParallel = false;       ///< attention and feed-forward part read the same stream
  bool tiedEmbeddings = false;   ///< logits use the embedding's weight
  bool isTransposed = false;     ///< weights of layers are stored as [in, out]
  bool qkvBias = false;          ///< query, key and value projections
  bool attentionOutBias = false; ///< the projection after attention
  bool ffnBias = false;
  bool headBias = false;           ///< of the logits
  QuantisationScheme quantisation; ///< of weights of rank 2
  LinearForm linear;               ///< of the maps within layers, and of the logits if it has them
  FusedRows fusedRows = FusedRows::None;
  QueryKeyNorm queryKeyNorm = QueryKeyNorm::None;

  std::optional<LinearBias> linearBias;
  double attentionScale = 0; ///< of scores; 0: 1 / sqrt(headWidth)
  double attentionCap = 0;   ///< c tanh(score / c); 0: none
  double logitCap = 0;
  double embeddingScale = 1; ///< of the embedding's rows
  double residualScale = 1;  ///< of what a branch adds to the stream
  double logitScale = 1;
  std::vector<int64_t> windows; ///< positions that each layer sees, 0: all; empty: all see all

  std::optional<ExpertConfig> experts;
  std::optional<LatentConfig> latent;
  std::optional<VersatileConfig> versatile;
  std::optional<ModalityConfig> modality;
  std::optional<StateSpaceConfig> stateSpace; ///< in place of attention and feed-forward parts
  StreamConfig streams;
  std::optional<EncoderConfig> encoder;               ///< an encoder alone
  std::optional<EncoderDecoderConfig> encoderDecoder; ///< neither: a decoder alone
  TensorNames names;

  std::optional<int64_t> bos;
  std::vector<int64_t> eos;   ///< rising; empty if the file names none
  std::optional<bool> addBos; ///< none: the tokenizer decides

  int64_t guessLayers = 0; ///< layers behind the last that the file may have and nobody runs
  std::vector<std::string> unknownKeys; ///< of the file, that are taken to change nothing

  int64_t widthOfEmbedding() const { return embeddingWidth ? embeddingWidth : width; }
  int64_t widthOfValues() const { return valueWidth ? valueWidth : headWidth; }
  int64_t windowOf(int64_t layer) const { return windows.empty() ? 0 : windows[size_t(layer)]; }
};

/// Limits of what is taken for a size, far above any model's. They keep products of two sizes and a
/// number of heads within int64_t, and what is made before the tensors are checked (frequencies of
/// a head, names of the tensors of each layer) small.
inline constexpr Range kSizeRange{1, 1 << 24};
inline constexpr Range kLayerRange{1, 1 << 12};
inline constexpr Range kHeadCountRange{1, 1 << 14};
inline constexpr Range kExpertRange{1, 1 << 12};
inline constexpr Range kHeadWidthRange{1, 1 << 13};
inline constexpr Range kContextRange{1, 1 << 30};

/// Reads the tensors that `rotary` names: a finite divisor above zero for each pair.
Expected<RotaryFactors> readRotaryFactors(const Checkpoint &checkpoint, const RotaryConfig &rotary);

// What the readers of families are made of.

/// What config.json calls the sizes that most families share.
struct SizeKeys {
  std::string_view width = "hidden_size", layers = "num_hidden_layers",
                   heads = "num_attention_heads", kvHeads = "num_key_value_heads",
                   headWidth = "head_dim", ffnWidth = "intermediate_size",
                   context = "max_position_embeddings",
                   epsilon = "rms_norm_eps"; ///< empty: the file has none
  int64_t usualContext = 2048;
  double usualEpsilon = 1e-6;
  int64_t usualFfnFactor = 0; ///< of the width, if the file does not say; 0: it must
};
void readHuggingFaceSizes(ConfigReader &reader, ModelConfig &config, const SizeKeys &keys = {});
/// All sizes but those of key-value heads. The epsilon is that of `config.norm`.
void readGgufSizes(ConfigReader &reader, const Checkpoint &checkpoint, std::string_view family,
                   ModelConfig &config);
/// The number of key-value heads and the width of a head, which is that of keys and of values.
void readGgufHeads(ConfigReader &reader, std::string_view family, ModelConfig &config);

/// What config.json may say of windows.
struct WindowKeys {
  int64_t usual = 0;    ///< of a file without sliding_window, where null says none; 0: none
  bool isOfAll = false; ///< layers have it, whatever layer_types says
};
/// Reads which layers have a window of `sliding_window` positions: those that `layer_types` names,
/// or else all.
void readHuggingFaceWindows(ConfigReader &reader, ModelConfig &config, const WindowKeys &keys = {});

/// Reads which layers have a window of `<family>.attention.sliding_window` positions, if there is
/// such a key or `usualWindow` is not 0: those that a pattern names layer by layer, or all but
/// every n-th. Without a pattern n is `usualPeriod`; 0: all have one.
void readGgufWindows(ConfigReader &reader, std::string_view family, ModelConfig &config,
                     int64_t usualPeriod, int64_t usualWindow = 0);

/// The number of tokens: a key of its own in newer files, else the tokenizer's list.
int64_t readGgufVocabulary(ConfigReader &reader, const Checkpoint &checkpoint,
                           std::string_view family);

/// Where config.json has the settings of a rotary embedding.
struct RotaryKeys {
  std::string_view group = "";                        ///< empty: rope_parameters or rope_scaling
  std::string_view theta = "rope_theta";              ///< outside of a group
  std::string_view partial = "partial_rotary_factor"; ///< outside of a group
  std::string_view width = "head_dim";                ///< of what is rotated, for messages
  double usualTheta = 10000, usualPartial = 1;
  int64_t usualOriginal = 0; ///< original_max_position_embeddings outside of a group; 0: none
  bool isLongAlone = false;  ///< longrope is the one kind of scaling
};
/// Reads config.json's rope_parameters, or the older rope_scaling and rope_theta.
RotaryConfig readHuggingFaceRotary(ConfigReader &reader, int64_t headWidth, int64_t contextLength,
                                   const RotaryKeys &keys = {});

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
