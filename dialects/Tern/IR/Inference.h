// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_DIALECTS_TERN_IR_INFERENCE_H
#define TERN_DIALECTS_TERN_IR_INFERENCE_H

#include "dialects/Tern/IR/Axes.h"
#include "dialects/Tern/IR/Tern.h"

#include "llvm/ADT/DenseMap.h"

namespace tern {

/// The axes of an operation with so many operands; otherwise an error at `location`.
mlir::FailureOr<Axes> parseAxes(std::optional<mlir::Location> location, llvm::StringRef text,
                                size_t operands);

/// Which letter has which extent.
class ExtentTable {
public:
  /// Gives the axes of `type` their letters; fails if the rank differs, or an extent is known to
  /// differ from that of the same letter before.
  mlir::LogicalResult bind(std::optional<mlir::Location> location, llvm::StringRef letters,
                           mlir::RankedTensorType type);

  /// The tensor of these letters; fails if one was never bound.
  mlir::FailureOr<mlir::RankedTensorType> get(std::optional<mlir::Location> location,
                                              llvm::StringRef letters,
                                              mlir::Type elementType) const;

private:
  llvm::DenseMap<char, ExtentAttr> extentOf;
};

/// The common type of element-wise operands, of which those of rank 0 are splats.
mlir::LogicalResult inferElementwise(std::optional<mlir::Location> location,
                                     mlir::TypeRange operands,
                                     llvm::SmallVectorImpl<mlir::Type> &types);

/// The type of a reduction of `operand`.
mlir::LogicalResult inferRearranged(std::optional<mlir::Location> location, llvm::StringRef axes,
                                    mlir::Type operand, llvm::SmallVectorImpl<mlir::Type> &types);

/// The type of `operand` with all of its axes in another order.
mlir::LogicalResult inferTransposed(std::optional<mlir::Location> location, llvm::StringRef axes,
                                    mlir::Type operand, llvm::SmallVectorImpl<mlir::Type> &types);

/// The type of an operation along axes, which is its operand's.
mlir::LogicalResult inferAlong(std::optional<mlir::Location> location, llvm::StringRef axes,
                               mlir::Type operand, llvm::SmallVectorImpl<mlir::Type> &types);

/// The same under a mask of the operand's type.
mlir::LogicalResult inferMasked(std::optional<mlir::Location> location, llvm::StringRef axes,
                                mlir::Type operand, mlir::Type mask,
                                llvm::SmallVectorImpl<mlir::Type> &types);

} // namespace tern

#endif
