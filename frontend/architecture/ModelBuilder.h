// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_FRONTEND_ARCHITECTURE_MODELBUILDER_H
#define TERN_FRONTEND_ARCHITECTURE_MODELBUILDER_H

#include "dialects/KV/IR/KV.h"
#include "frontend/architecture/Architecture.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"

namespace tern::architecture {

/// Writes the terms of a model.
class ModelBuilder {
public:
  ModelBuilder(mlir::MLIRContext *context, const checkpoint::Checkpoint &checkpoint,
               const checkpoint::ModelConfig &config, const ImportOptions &options);

  mlir::OpBuilder builder;
  mlir::ModuleOp module;
  const checkpoint::Checkpoint &checkpoint;
  const checkpoint::ModelConfig &config;
  const ImportOptions &options;

  // Types. Letters of named dimensions: T rows, B entries, R rows of logits.
  ExtentAttr dim(llvm::StringRef name);
  mlir::RankedTensorType tensor(llvm::ArrayRef<ExtentAttr> extents, mlir::Type element);
  /// [name, widths...] of f32.
  mlir::RankedTensorType rows(llvm::StringRef name, llvm::ArrayRef<int64_t> widths);

  /// The tensor of the checkpoint, one of those that checkModel has seen.
  mlir::Value weight(const std::string &name, llvm::ArrayRef<int64_t> shape);
  /// The same as f32, for vectors that are added or multiplied.
  mlir::Value vector(const std::string &name, int64_t size);

  mlir::Value scalar(double value);
  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value mul(mlir::Value a, mlir::Value b);
  /// x [r, k] by the [n, k] tensor of that name: x W^T, plus a bias if `biased`.
  mlir::Value linear(mlir::Value x, const std::string &name, int64_t out, int64_t in, bool biased);
  /// Root-mean-square norm along the last axis, scaled by the vector of that name.
  mlir::Value rmsNorm(mlir::Value x, const std::string &name);
  /// x [r, k] times or plus a vector [k].
  mlir::Value scaleColumns(mlir::Value x, mlir::Value vector);
  mlir::Value addColumns(mlir::Value x, mlir::Value vector);
  mlir::Value activation(mlir::Value x);
  mlir::Value splitHeads(mlir::Value x, int64_t heads, int64_t width);
  mlir::Value joinHeads(mlir::Value x);
  /// Rows of a table as f32.
  mlir::Value gatherRows(mlir::Value table, mlir::Value indices);

  /// Cosines and sines [T, dimensions / 2] of the rows' positions, scaled as the model says.
  std::pair<mlir::Value, mlir::Value> rotaryTables(mlir::Value positions, mlir::Value lengths,
                                                   const checkpoint::Rotary &rotary);

  /// Declares a function and moves the builder into its body.
  mlir::func::FuncOp function(llvm::StringRef name, mlir::TypeRange inputs, mlir::TypeRange results,
                              bool isPublic);

private:
  mlir::Value broadcastColumns(mlir::Value vector, mlir::Value like);
  mlir::Value broadcastRows(mlir::Value column, mlir::RankedTensorType type);
  mlir::Value dynamicFrequencies(mlir::Value lengths, mlir::RankedTensorType type);
  mlir::Type storageType(const std::string &name);

  mlir::Location location;
};

/// Writes the module of family llama.
void buildLlama(ModelBuilder &model, const checkpoint::Rotary &rotary);

} // namespace tern::architecture

#endif
