// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Cost.h"

#include "dialects/Tern/IR/Axes.h"

#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

namespace tern::saturate {

namespace {
/// How the time of an operation is counted.
enum class Work {
  None,        ///< another look at memory, or what a kernel repeats
  Elementwise, ///< done by a neighbour's kernel, which writes the result
  Rows,        ///< a kernel that reads its operands and writes its result
  Contraction
};
} // namespace

/// Seconds that each term costs, so that of terms that cost the same the smaller one wins.
static constexpr double termPrice = 1e-9;

/// How much longer a contraction takes that no schema with packed weights computes.
static constexpr double plainSlowdown = 4;

/// A byte that is resident costs as much as reading it once in so many steps.
static constexpr double stepsPerResidentRead = 50;

static Work workOf(OperationName name) {
  return llvm::StringSwitch<Work>(name.getStringRef())
      .Cases({"tern.weight", "tern.constant", "tern.loaded"}, Work::None)
      .Cases({"tern.slice", "tern.reshape", "tern.broadcast"}, Work::None)
      .Cases({"tern.transpose", "tern.concat", "tern.pack", "tern.gather"}, Work::Rows)
      .Cases({"tern.rms_norm", "tern.layer_norm", "tern.softmax", "tern.attention"}, Work::Rows)
      .Cases({"tern.sum", "tern.mean", "tern.amax", "tern.amin"}, Work::Rows)
      .Case("tern.contract", Work::Contraction)
      .Default(Work::Elementwise);
}

double CostModel::perStep(OperationName name, ArrayRef<Type> operands,
                          ArrayRef<Attribute> properties, Type result, bool isLoad) const {
  if (isLoad)
    return seconds(name, operands, properties, result, use.batch) / use.stepsPerLoad;
  double tokens = std::max<int64_t>(use.context - use.prompt, 0);
  double prompt = seconds(name, operands, properties, result, use.prompt);
  double token = seconds(name, operands, properties, result, use.batch);
  return (prompt + tokens * token) / (1 + tokens);
}

double CostModel::residentPerStep(RankedTensorType type) const {
  return bytes(type, use.batch) / machine.bytesPerSecond / stepsPerResidentRead;
}

double CostModel::seconds(OperationName name, ArrayRef<Type> operands,
                          ArrayRef<Attribute> properties, Type result, int64_t rows) const {
  auto type = dyn_cast<RankedTensorType>(result);
  if (!type)
    return termPrice;
  double moved = bytes(type, rows);
  switch (workOf(name)) {
  case Work::None:
    return termPrice;
  case Work::Elementwise:
    return termPrice + roofline(moved, elements(type, rows), machine.floatOps);
  case Work::Rows:
    for (Type operand : operands)
      if (auto tensor = dyn_cast<RankedTensorType>(operand))
        // Of a table only the rows that are asked for are read.
        moved += name.getStringRef() == "tern.gather" ? 0 : bytes(tensor, rows);
    return termPrice + machine.launch + roofline(moved, 4 * elements(type, rows), machine.floatOps);
  case Work::Contraction:
    return termPrice + machine.launch +
           contraction(operands, cast<StringAttr>(properties.front()).getValue(), type, rows);
  }
  llvm_unreachable("every kind of work is counted");
}

/// True for `..k,nk->..n` and `..k,kn->..n`, whose right operand can be packed.
static bool hasPackedForm(const Axes &axes) {
  StringRef left = axes.operands[0], right = axes.operands[1], result = axes.result;
  if (left.empty() || result.empty() || left.drop_back() != result.drop_back())
    return false;
  char n = result.back(), k = left.back();
  return n != k && (right == std::string{n, k} || right == std::string{k, n});
}

double CostModel::contraction(ArrayRef<Type> operands, StringRef text, RankedTensorType result,
                              int64_t rows) const {
  std::string why;
  FailureOr<Axes> axes = Axes::parse(text, why);
  auto lhs = cast<RankedTensorType>(operands[0]), rhs = cast<RankedTensorType>(operands[1]);
  double operations = 2 * elements(result, rows);
  for (char letter : axes->summed()) {
    size_t at = axes->operands[0].find(letter);
    bool isLeft = at != std::string::npos;
    llvm::SmallVector<ExtentAttr> own = getExtents(isLeft ? lhs : rhs);
    operations *= extent(own[isLeft ? at : axes->operands[1].find(letter)], rows);
  }
  Type element = rhs.getElementType();
  double peak = isa<BlockType>(element)               ? machine.byteOps
                : element.isBF16() || element.isF16() ? machine.halfOps
                                                      : machine.floatOps;
  double moved = bytes(lhs, rows) + bytes(rhs, rows) + bytes(result, rows);
  return roofline(moved, operations, peak) * (hasPackedForm(*axes) ? 1 : plainSlowdown);
}

double CostModel::roofline(double bytes, double operations, double peak) const {
  return std::max(bytes / machine.bytesPerSecond, operations / peak);
}

/// Rows of a step are named T, sequences and rows of logits B and R; any other name counts slots.
double CostModel::extent(ExtentAttr extent, int64_t rows) const {
  if (!extent)
    return static_cast<double>(rows);
  double size = static_cast<double>(extent.getConstant());
  for (auto [name, factor] : llvm::zip_equal(extent.getNames(), extent.getFactors())) {
    int64_t value = name.getValue() == "T"                             ? rows
                    : name.getValue() == "B" || name.getValue() == "R" ? use.batch
                                                                       : use.context;
    size += static_cast<double>(factor) * static_cast<double>(value);
  }
  return std::max(size, 0.0);
}

double CostModel::elements(RankedTensorType type, int64_t rows) const {
  double count = 1;
  for (ExtentAttr own : getExtents(type))
    count *= extent(own, rows);
  return count;
}

static double bitsOf(Type element) {
  if (auto block = dyn_cast<BlockType>(element))
    return block.getBitsPerElement();
  return element.isIndex() ? 64 : element.getIntOrFloatBitWidth();
}

double CostModel::bytes(RankedTensorType type, int64_t rows) const {
  return elements(type, rows) * bitsOf(type.getElementType()) / 8;
}

} // namespace tern::saturate
