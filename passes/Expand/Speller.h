// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_EXPAND_SPELLER_H
#define TERN_PASSES_EXPAND_SPELLER_H

#include "dialects/KV/IR/KV.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace tern::expand {

/// The letters of a tensor, and those of them that an operation works along: `"tk/k"`.
struct RowLetters {
  /// Reads the string of an operation along axes, or that of a reduction, `"tk->t"`.
  static RowLetters parse(llvm::StringRef axes);

  std::string all, along;
  std::string kept; ///< those that it does not work along, in order

  std::string reduction() const { return all + "->" + kept; }
  std::string spread() const { return kept + "->" + all; }
};

/// Writes primitives in front of the composite that they stand for.
class Speller : public mlir::ImplicitLocOpBuilder {
public:
  explicit Speller(mlir::Operation *op) : ImplicitLocOpBuilder(op->getLoc(), op) {}

  /// A number of rank 0 with elements like those of `like`.
  mlir::Value scalar(double value, mlir::Value like);
  mlir::Value cast(mlir::Value x, mlir::Type element);
  /// `x` along the new axes of `like`.
  mlir::Value spread(mlir::Value x, mlir::Value like, llvm::StringRef axes);
  /// `x` regrouped; extents of other tensors may be among the new ones.
  mlir::Value regroup(mlir::Value x, llvm::ArrayRef<ExtentAttr> extents);
  ExtentAttr fixed(int64_t extent) { return ExtentAttr::getConstant(getContext(), extent); }

  mlir::Value sigmoid(mlir::Value x);
  /// The number of elements of these extents, of rank 0.
  mlir::Value size(llvm::ArrayRef<ExtentAttr> extents, mlir::Type element);
  /// The sum over the number of elements.
  mlir::Value mean(mlir::Value x, const RowLetters &letters);
};

mlir::RankedTensorType tensorOf(mlir::Value value);

/// e^(x - largest) along rows, 0 where `visible` is 0; `visible` may be null.
struct Powers {
  Powers(Speller &speller, mlir::Value x, const RowLetters &letters, mlir::Value visible);

  /// Each power over the sum of its row; 0 where hidden.
  mlir::Value normalised() const;

private:
  Speller &speller;
  RowLetters letters;
  mlir::Value visible, powers, total;
};

// What each composite is in primitives; nothing if it stays.
using Spelling = llvm::SmallVector<mlir::Value, 2>;
Spelling spell(Speller &, SigmoidOp);
Spelling spell(Speller &, SoftplusOp);
Spelling spell(Speller &, ReluOp);
Spelling spell(Speller &, SiluOp);
Spelling spell(Speller &, GeluOp);
Spelling spell(Speller &, GeluTanhOp);
Spelling spell(Speller &, QuickGeluOp);
Spelling spell(Speller &, MeanOp);
Spelling spell(Speller &, RmsNormOp);
Spelling spell(Speller &, LayerNormOp);
Spelling spell(Speller &, SoftmaxOp);
Spelling spell(Speller &, RotaryOp);
Spelling spell(Speller &, AttentionOp);
Spelling spell(Speller &, kv::AttendOp);

} // namespace tern::expand

#endif
