// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_COMPILE_REQUANTISE_H
#define TERN_TOOLS_TERN_COMPILE_REQUANTISE_H

#include "frontend/architecture/Families.h"
#include "frontend/checkpoint/EncodedWeight.h"
#include "tools/tern-compile/WeightTypes.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <deque>
#include <map>
#include <set>

namespace tern {

/// A tensor that is written anew.
struct NewTensor {
  const checkpoint::Tensor *source; ///< whose numbers it has, or a part of them
  std::string name;
  std::string type; ///< as the format calls it
  std::vector<int64_t> shape;
  uint64_t bytes = 0;
  const checkpoint::BlockEncoder *encoder = nullptr; ///< null: `own`, or the source's bytes
  std::vector<std::byte> own;
};

/// What the rounding of weights cost.
struct QuantisationLoss {
  double bits = 0;  ///< a weight of those that were rounded, scales included
  double error = 0; ///< the largest of a weight's ||rounded - W|| / ||W||
};

/// A model's weights in other types. Matrices alone are written anew: of a GGUF file those called
/// so, of a directory, and for types of several tensors, those that matricesOf() lists. A type
/// whose blocks are longer than fits the rows gives way to a shorter one of as many bits, as in
/// llama.cpp.
class Requantisation {
public:
  /// `config` is null for a GGUF file whose settings are not read; types of several tensors need
  /// one. Encodes what is of such a type. Throws UserError for what can't be written so.
  Requantisation(const checkpoint::Checkpoint &model, const checkpoint::ModelConfig *config,
                 const WeightTypes &types);

  /// In the order of the model's tensors.
  std::vector<NewTensor> &tensors() { return written; }
  /// The modules whose matrices are not of the type of several tensors, the head first.
  const std::vector<std::string> &omitted() const { return left; }

  /// Gives a tensor's bytes, a few rows at a time, and adds to the loss. Stops when the user
  /// interrupts.
  void write(const NewTensor &tensor, llvm::function_ref<void(llvm::ArrayRef<std::byte>)> take);

  /// Of all tensors that were written.
  QuantisationLoss loss() const;
  /// How many tensors became what, and the loss: one line.
  std::string describe() const;
  /// A sentence for each weight whose type gave way to another.
  std::vector<std::string> remarks() const;
  /// That there are such, and that `list` lists them; empty if there are none.
  std::string warning(const std::string &list) const;

  /// Puts the tensors in the model's place. `config` is then the new model's.
  void apply(checkpoint::Checkpoint &model, checkpoint::ModelConfig &config);

private:
  /// A weight whose rows the blocks of the type that was asked for do not fill.
  struct Substitute {
    std::string name;
    int64_t columns;
    const checkpoint::BlockEncoder *asked, *given;

    std::string describe() const;
  };

  void plan(const checkpoint::Tensor &tensor);
  const checkpoint::Tensor &turned(const checkpoint::Tensor &tensor);
  void keep(const checkpoint::Tensor &tensor, std::vector<std::byte> bytes);
  const WeightType *typeOf(const checkpoint::Tensor &tensor) const;
  void checkSource(const checkpoint::Tensor &tensor, const WeightType &type) const;
  void checkFamily() const;
  void encodeParts();
  void checkNames() const;
  void count(const checkpoint::Tensor &tensor, double differences, double numbers, uint64_t bytes);
  void encodeRows(const NewTensor &tensor,
                  llvm::function_ref<void(llvm::ArrayRef<std::byte>)> take);

  const checkpoint::Checkpoint &model;
  const checkpoint::ModelConfig *config;
  const WeightTypes &types;
  bool turnsAll = false; ///< all maps become [out, in], of a family that stores them as [in, out]
  std::deque<checkpoint::Tensor> turnedTensors;
  std::deque<std::vector<std::byte>> turnedBytes;
  std::map<std::string, architecture::MatrixKind> matrices;
  std::vector<NewTensor> written;
  std::vector<std::string> left;
  std::vector<Substitute> substitutes;
  std::map<std::string, int> counts;
  std::set<const WeightType *> used;
  double weights = 0, bits = 0, error = 0;
};

} // namespace tern

#endif
