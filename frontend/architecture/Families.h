// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The families of models that are read. Each has a file of its own beside this one, which says how
// its settings are read and what its tensors are called; Families.def lists them. No MLIR here.
#ifndef TERN_FRONTEND_ARCHITECTURE_FAMILIES_H
#define TERN_FRONTEND_ARCHITECTURE_FAMILIES_H

#include "frontend/checkpoint/ModelConfig.h"

#include <map>

namespace tern::architecture {

using checkpoint::Checkpoint;
using checkpoint::ConfigReader;
using checkpoint::ModelConfig;

/// How the settings of one family are read, from config.json and from GGUF keys. Mistakes go to the
/// reader.
struct Family {
  std::string_view huggingFaceName; ///< model_type; a paper's name for its own layers
  std::string_view ggufName;        ///< general.architecture; empty if GGUF does not know it
  ModelConfig (*readHuggingFace)(ConfigReader &, const Checkpoint &);
  ModelConfig (*readGguf)(ConfigReader &, const Checkpoint &);
};

#define TERN_FAMILY(name) extern const Family name;
#include "frontend/architecture/Families.def"

/// Reads and checks the settings of a model of any family.
checkpoint::Expected<ModelConfig> readModelConfig(const Checkpoint &checkpoint);

/// Every tensor that a model with these settings has, and its shape.
std::vector<checkpoint::ExpectedTensor> tensorsOf(const ModelConfig &config);

/// Fails unless the checkpoint has them, in types that are read, with finite scales if they are
/// quantised. It must have no others but those known to change nothing (KnownTensors.cpp).
checkpoint::Failure checkModel(const Checkpoint &checkpoint, const ModelConfig &config);

/// Tensors of the checkpoint that such a model does not read, in the order of the files.
std::vector<const checkpoint::Tensor *> unusedTensors(const Checkpoint &checkpoint,
                                                      const ModelConfig &config);

/// What a matrix is for: a map within layers or between them; the embedding, or the head if it is
/// another; or what no rounding is meant for, a table of positions, types or distances, a
/// convolution along a text, what makes a state's steps, and what chooses experts or weighs
/// streams.
enum class MatrixKind { Linear, Outer, Choice };

/// Of those tensors of tensorsOf() that are matrices of weights.
std::map<std::string, MatrixKind> matricesOf(const ModelConfig &config);

/// A pattern of a tensor's name with the layer in its first hole.
std::string nameOf(const std::string &pattern, int64_t layer);
/// True if a pattern has a hole.
bool isOfEach(const std::string &pattern);

// What the readers of families are made of.

/// The names of Llama's tensors in Hugging Face directories, which many families share.
checkpoint::TensorNames huggingFaceNames();
/// The names of a pre-norm decoder with separate projections in GGUF files.
checkpoint::TensorNames ggufNames();

/// All that Llama and what is built like it have in common.
ModelConfig readHuggingFaceDecoder(ConfigReader &reader, const Checkpoint &checkpoint,
                                   const checkpoint::SizeKeys &sizes = {},
                                   const checkpoint::RotaryKeys &rotary = {});
/// The same with keys that begin with `family`. Projections have the biases that are there, and
/// queries, keys and values are in one tensor if there is one.
ModelConfig readGgufDecoder(ConfigReader &reader, const Checkpoint &checkpoint,
                            std::string_view family,
                            checkpoint::NormKind norm = checkpoint::NormKind::Rms);

/// What the BERT type has in common: post-norm layers that see everything, learnt positions, and
/// what sentence-transformers' files say of a text's vector. `scope` comes before the names of all
/// tensors but the head's.
ModelConfig readHuggingFaceEncoder(ConfigReader &reader, const Checkpoint &checkpoint,
                                   const std::string &scope);

/// Refuses keys that may change what the model computes and that the family's reader did not read;
/// notes those that nobody knows.
void checkKeys(ConfigReader &reader, checkpoint::Format format, const Family &family,
               ModelConfig &config);

/// Reads how many experts there are, how many a row uses and how wide they are, and sets the names
/// of their tensors: `ffn_gate_exps` of all experts, or, as the oldest files have it, `ffn_gate.N`
/// each.
void readGgufExperts(ConfigReader &reader, const Checkpoint &checkpoint, std::string_view family,
                     ModelConfig &config);

/// Reads the windows of Qwen's layers, which none has unless `use_sliding_window` says so.
void readQwenWindows(ConfigReader &reader, ModelConfig &config);

/// Reads which layers have experts: those that `mlp_only_layers` does not name, each
/// `decoder_sparse_step`-th of them.
void readDenseLayers(ConfigReader &reader, ModelConfig &config);

} // namespace tern::architecture

#endif
