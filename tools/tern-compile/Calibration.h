// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_COMPILE_CALIBRATION_H
#define TERN_TOOLS_TERN_COMPILE_CALIBRATION_H

#include "frontend/quantise/Gptq.h"
#include "frontend/quantise/GroupedWeight.h"
#include "tools/generate/ModelFile.h"
#include "tools/tern-compile/Diagnostics.h"
#include "tools/tern-compile/LinearGroups.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

#include <functional>

namespace tern {

/// A model run over a text by the references of its operations, in f64 but for its products with
/// weights, so that each of these sees its inputs. All tokens go through the model side by side, in
/// sequences of `kWindow` or the model's context: when a product runs, all of its inputs are there.
/// An encoder reads each sequence within the tokens that its tokenizer puts around a text; of an
/// encoder and decoder, the one reads the first half of it and the other writes the second.
class Calibration {
public:
  static constexpr int64_t kWindow = 512;
  static constexpr int64_t kMaxSequences = 64;

  /// Reads no more of the text than `kMaxSequences` sequences. Throws UserError for a model without
  /// a tokenizer, or a text of fewer than two tokens.
  Calibration(const generate::ModelFile &model, const std::string &textPath);

  /// Of the maps within layers, by weights that a rounding is meant for.
  const std::vector<LinearGroup> &groups() const { return linears; }
  int64_t tokenCount() const;

  /// The numbers of a weight [out, in].
  quantise::Matrix numbersOf(LinearMap map) const;

  /// Is given each map of `groups()` in the order in which they run, and the rows that it
  /// multiplies; an expert that no row chooses has none. What comes later sees the weight that it
  /// returns in place of the model's, if it returns one.
  using OnMap =
      std::function<std::optional<quantise::Matrix>(LinearMap map, const quantise::Matrix &inputs)>;
  /// Throws UserError; ends early if the program is interrupted.
  void run(const OnMap &onMap);

private:
  struct Sequence {
    std::vector<int32_t> tokens;
    std::vector<int32_t> written; ///< by the decoder of an encoder and decoder
  };
  class Programs;

  void leaveLinear();

  const generate::ModelFile &model;
  mlir::MLIRContext context;
  Diagnostics diagnostics;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::vector<LinearGroup> linears;
  std::vector<Sequence> sequences;
};

/// The numbers of a tensor of rank 2.
quantise::Matrix numbersOfTensor(const checkpoint::Tensor &tensor);

} // namespace tern

#endif
