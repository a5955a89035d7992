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

  /// The numbers of a weight, one of those that checkModel has seen, in its storage type or, if it
  /// is stored in parts, in one that has these numbers, or in f32.
  mlir::Value weight(const std::string &name, llvm::ArrayRef<int64_t> shape);
  /// What the parts stand for: in blocks if there are such, else in f32.
  mlir::Value decode(const checkpoint::QuantisedWeight &weight, llvm::ArrayRef<int64_t> shape);
  /// x W^T of rows x [r, k] and a weight [out, k] in parts: in blocks too where these hold its
  /// codes in another order of inputs, or less 128.
  mlir::Value product(mlir::Value x, const checkpoint::QuantisedWeight &weight, int64_t out);
  /// The tensor of the checkpoint as it is stored.
  mlir::Value stored(const std::string &name, llvm::ArrayRef<int64_t> shape);
  /// The same as f32, for vectors that are added or multiplied.
  mlir::Value vector(const std::string &name, int64_t size);

  mlir::Value scalar(double value);
  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value mul(mlir::Value a, mlir::Value b);
  /// x * factor; x itself if the factor is 1.
  mlir::Value scale(mlir::Value x, double factor);
  /// c tanh(x / c); x itself if c is 0.
  mlir::Value softCap(mlir::Value x, double cap);
  /// x W^T of rows x [r, k] and a matrix [n, k].
  mlir::Value product(mlir::Value x, mlir::Value matrix);
  /// y plus the vector of that name in each row.
  mlir::Value addBias(mlir::Value y, const std::string &name);
  /// x [r, k] by the map `name` in the model's form: x W^T by the weight [n, k] (or [k, n] if the
  /// model stores it so), plus a bias if `isBiased`, or what `ModelConfig::linear` says.
  mlir::Value linear(mlir::Value x, const std::string &name, int64_t out, bool isBiased);
  /// x / sqrt(mean(x^2) + epsilon) along the last axis.
  mlir::Value rmsNorm(mlir::Value x, double epsilon);
  /// The model's norm along the last axis, without weights.
  mlir::Value normalise(mlir::Value x);
  /// The same with the weight of that name; x itself without a name.
  mlir::Value norm(mlir::Value x, const std::string &name);
  mlir::Value activation(mlir::Value x);
  /// Numbers from `first` below `first + count` along an axis.
  mlir::Value slice(mlir::Value x, int64_t axis, int64_t first, int64_t count);
  /// x with the widths of its axes but the first.
  mlir::Value reshape(mlir::Value x, llvm::ArrayRef<int64_t> widths);
  /// Column `number` of a matrix [T, n] as a vector [T].
  mlir::Value column(mlir::Value matrix, int64_t number);
  /// [T, count]: 1 at the place that the row's index [T] names, else 0.
  mlir::Value oneHot(mlir::Value index, int64_t count);
  /// Each row times its factor [T].
  mlir::Value weighted(mlir::Value rows, mlir::Value factors);
  /// Integers as f32.
  mlir::Value asF32(mlir::Value x);
  /// Rows of a table as f32.
  mlir::Value gatherRows(mlir::Value table, mlir::Value indices);

  /// Rows of the model's table of positions.
  mlir::Value positionRows(mlir::Value positions);

  /// Declares a function and moves the builder into its body.
  mlir::func::FuncOp function(llvm::StringRef name, mlir::TypeRange inputs, mlir::TypeRange results,
                              bool isPublic);

  /// A column [T] or a row [i] repeated to `type`.
  mlir::Value broadcast(mlir::Value x, mlir::RankedTensorType type, llvm::StringRef axes);

  mlir::Location location;

private:
  /// Nothing for a weight that is no parts.
  std::optional<checkpoint::QuantisedWeight> quantisedWeight(const std::string &name,
                                                             llvm::ArrayRef<int64_t> shape);
  mlir::Value denseLinear(mlir::Value x, const std::string &name, int64_t out, bool isBiased);
  mlir::Type storageType(const std::string &name);
};

/// The cosines and sines [T, pairs] by which a step's rows are rotated.
struct RotaryTables {
  mlir::Value cos, sin;
};
RotaryTables rotaryTables(ModelBuilder &model, const checkpoint::RotaryConfig &config,
                          const checkpoint::RotaryFactors &factors, mlir::Value positions,
                          mlir::Value lengths);

} // namespace tern::architecture

#endif
