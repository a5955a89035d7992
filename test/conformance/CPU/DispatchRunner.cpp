// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/conformance/CPU/DispatchRunner.h"

#include "dialects/KV/IR/KV.h"
#include "dialects/KV/Reference/KVReference.h"
#include "passes/CPU/DispatchBuffers.h"
#include "test/conformance/CPU/BlockBytes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

using namespace mlir;

namespace tern::test {

//===----------------------------------------------------------------------===//
// Compiling
//===----------------------------------------------------------------------===//

DispatchRunner::DispatchRunner(const std::string &text, EmitFunction emit,
                               const cpu::Target &target, int64_t padding)
    : padding(padding) {
  context.loadDialect<TernDialect, kv::KVDialect, func::FuncDialect>();
  owned = parseSourceString<ModuleOp>(text, &context);
  if (!owned)
    llvm::report_fatal_error("a test's module can't be parsed");
  owned->walk([&](DispatchOp found) { op = found; });
  std::vector<cpu::Layout> layouts;
  for (TypeRange types : {TypeRange(op.getInputs()), TypeRange(op.getResultTypes())})
    for (Type type : types)
      layouts.push_back({rowStrideOf(type)});
  ScopedDiagnosticHandler keep(&context, [&](Diagnostic &diagnostic) { said = diagnostic.str(); });
  bool emitted = false;
  OwningOpRef<ModuleOp> code = ModuleOp::create(UnknownLoc::get(&context));
  if (auto info = emit(op, layouts, "kernel", *code, target); succeeded(info)) {
    kernelInfo = *info;
    emitted = true;
  }
  if (!emitted)
    return;
  if (target.warp) {
    nvptx::KernelShape shape{
        cpu::DispatchBuffers(op).buffers(),
        static_cast<unsigned>(kernelInfo.sizes.size() + kernelInfo.indexInputs),
        static_cast<int64_t>(llvm::alignTo(kernelInfo.scratchBytes, 64))};
    ptx = std::make_unique<PtxKernel>(*code, shape);
    return;
  }
  llvm::Expected<cpu::CodeImage> compiled = cpu::compile(*code, target);
  if (!compiled)
    llvm::report_fatal_error(compiled.takeError());
  image = std::make_unique<MappedImage>(*compiled);
}

int64_t DispatchRunner::valueOf(ExtentAttr extent, const Dims &dims) const {
  int64_t value = extent.getConstant();
  for (auto [name, factor] : llvm::zip_equal(extent.getNames(), extent.getFactors()))
    value += factor * dims.at(name.getValue().str());
  return value;
}

void DispatchRunner::call(const std::vector<Buffer> &buffers, const Dims &dims,
                          const std::vector<int64_t> &indices, int64_t begin, int64_t end) const {
  std::vector<int64_t> sizes;
  for (ExtentAttr size : kernelInfo.sizes)
    sizes.push_back(valueOf(size, dims));
  sizes.insert(sizes.end(), indices.begin(), indices.end());
  int64_t last = end < 0 ? valueOf(kernelInfo.tiles, dims) : end;
  if (ptx) {
    std::vector<std::span<uint8_t>> memory;
    for (const Buffer &buffer : buffers)
      memory.push_back(buffer.bytes);
    EXPECT_EQ(ptx->run(memory, sizes, last), "");
    return;
  }
  std::vector<void *> addresses;
  for (const Buffer &buffer : buffers)
    addresses.push_back(buffer.bytes.data());
  // The end of the scratch is 64-byte aligned too, so that it meets the guard.
  GuardedBytes scratch((kernelInfo.scratchBytes + 63) / 64 * 64);
  std::fill_n(scratch.data(), scratch.size(), 0xff);
  image->kernel("kernel")(addresses.data(), sizes.data(), scratch.data(), begin, last);
}

//===----------------------------------------------------------------------===//
// Tensors as bytes
//===----------------------------------------------------------------------===//

std::vector<int64_t> DispatchRunner::shapeOf(Type type, const Dims &dims) const {
  std::vector<int64_t> shape;
  for (ExtentAttr extent : getExtents(cast<RankedTensorType>(type)))
    shape.push_back(valueOf(extent, dims));
  return shape;
}

int64_t DispatchRunner::rowStrideOf(Type type) const {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || tensor.getRank() < 2)
    return 0;
  if (llvm::any_of(tensor.getShape().drop_front(), ShapedType::isDynamic))
    return ShapedType::kDynamic;
  int64_t width = 1;
  for (int64_t extent : tensor.getShape().drop_front())
    width *= extent;
  auto block = dyn_cast<BlockType>(tensor.getElementType());
  return width + (block ? block.getElements() : padding);
}

template <typename T> static void put(uint8_t *bytes, T value) {
  std::memcpy(bytes, &value, sizeof(T));
}
template <typename T> static T get(const uint8_t *bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

static void putNumber(uint8_t *bytes, Type element, double number) {
  if (element.isF32())
    put(bytes, static_cast<float>(number));
  else if (element.isF16())
    put(bytes, static_cast<_Float16>(number));
  else if (element.isBF16())
    put(bytes, toBF16(static_cast<float>(number)));
  else if (element.isF64())
    put(bytes, number);
  else if (element.isInteger(64))
    put(bytes, static_cast<int64_t>(number));
  else if (element.isInteger(16))
    put(bytes, static_cast<int16_t>(number));
  else if (element.isInteger(8))
    put(bytes, static_cast<int8_t>(number));
  else
    put(bytes, static_cast<int32_t>(number));
}

static double getNumber(const uint8_t *bytes, Type element) {
  if (element.isF32())
    return get<float>(bytes);
  if (element.isF16())
    return static_cast<double>(get<_Float16>(bytes));
  if (element.isBF16())
    return fromBF16(get<uint16_t>(bytes));
  if (element.isF64())
    return get<double>(bytes);
  if (element.isInteger(64))
    return static_cast<double>(get<int64_t>(bytes));
  if (element.isInteger(16))
    return get<int16_t>(bytes);
  return element.isInteger(8) ? get<int8_t>(bytes) : get<int32_t>(bytes);
}

namespace {
/// Rows of a tensor in memory. The last row has no padding after it.
struct RowsInMemory {
  Type element;
  int64_t count, width, bytesOfRow, bytes;

  RowsInMemory(Type type, const std::vector<int64_t> &shape, int64_t stride) {
    element = cast<RankedTensorType>(type).getElementType();
    count = shape.size() < 2 ? 1 : shape[0];
    width = 1;
    for (size_t axis = shape.size() < 2 ? 0 : 1; axis < shape.size(); ++axis)
      width *= shape[axis];
    bytesOfRow = bytesOf(stride > 0 ? stride : width);
    bytes = count ? (count - 1) * bytesOfRow + bytesOf(width) : 0;
  }
  int64_t bytesOf(int64_t elements) const {
    if (auto block = dyn_cast<BlockType>(element))
      return elements / block.getElements() * blockBytes(block);
    return elements * element.getIntOrFloatBitWidth() / 8;
  }
};
} // namespace

std::unique_ptr<GuardedBytes> DispatchRunner::store(const std::vector<double> &numbers, Type type,
                                                    const Dims &dims) const {
  RowsInMemory rows(type, shapeOf(type, dims), rowStrideOf(type));
  auto result = std::make_unique<GuardedBytes>(rows.bytes);
  std::fill_n(result->data(), rows.bytes, 0xff);
  auto block = dyn_cast<BlockType>(rows.element);
  if (!numbers.empty())
    for (int64_t row = 0; row < rows.count; ++row)
      for (int64_t i = 0; i < rows.width; i += block ? block.getElements() : 1) {
        uint8_t *place = result->data() + row * rows.bytesOfRow + rows.bytesOf(i);
        const double *from = &numbers[row * rows.width + i];
        block ? storeBlock(place, block, from) : putNumber(place, rows.element, *from);
      }
  return result;
}

std::vector<double> DispatchRunner::load(const GuardedBytes &bytes, Type type,
                                         const Dims &dims) const {
  RowsInMemory rows(type, shapeOf(type, dims), rowStrideOf(type));
  std::vector<double> numbers(rows.count * rows.width);
  auto block = dyn_cast<BlockType>(rows.element);
  for (int64_t row = 0; row < rows.count; ++row)
    for (int64_t i = 0; i < rows.width; i += block ? block.getElements() : 1) {
      const uint8_t *place = bytes.data() + row * rows.bytesOfRow + rows.bytesOf(i);
      double *to = &numbers[row * rows.width + i];
      if (block)
        loadBlock(place, block, to);
      else
        *to = getNumber(place, rows.element);
    }
  return numbers;
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

std::vector<std::vector<double>> DispatchRunner::run(const std::vector<std::vector<double>> &inputs,
                                                     const Dims &dims, bool tileByTile) const {
  std::vector<std::unique_ptr<GuardedBytes>> memory;
  std::vector<Buffer> buffers;
  for (auto [numbers, type] : llvm::zip_equal(inputs, op.getInputs().getTypes()))
    memory.push_back(store(numbers, type, dims));
  for (Type type : op.getResultTypes())
    memory.push_back(store({}, type, dims));
  for (auto &bytes : memory)
    buffers.emplace_back(*bytes);
  bool isDivided = tileByTile && image;
  if (!isDivided)
    call(buffers, dims, {});
  for (int64_t tile = valueOf(kernelInfo.tiles, dims) - 1; isDivided && tile >= 0; --tile)
    call(buffers, dims, {}, tile, tile + 1);
  std::vector<std::vector<double>> results;
  for (auto [i, type] : llvm::enumerate(op.getResultTypes()))
    results.push_back(load(*memory[inputs.size() + i], type, dims));
  return results;
}

std::vector<std::vector<double>>
DispatchRunner::refer(const std::vector<std::vector<double>> &inputs, const Dims &dims) const {
  reference::Interpreter interpreter(module(), nullptr);
  reference::defineTern(interpreter);
  kv::defineKV(interpreter);
  std::vector<reference::Datum> arguments;
  for (auto [numbers, type] : llvm::zip_equal(inputs, op.getInputs().getTypes())) {
    // As stored, so that both sides see the same numbers.
    std::vector<double> stored = load(*store(numbers, type, dims), type, dims);
    std::vector<int64_t> shape = shapeOf(type, dims);
    arguments.push_back(reference::Tensor{llvm::SmallVector<int64_t>(shape.begin(), shape.end()),
                                          std::make_shared<std::vector<double>>(stored)});
  }
  auto values = interpreter.call("f", arguments);
  if (failed(values))
    llvm::report_fatal_error("the reference of a test's dispatch failed");
  std::vector<std::vector<double>> results;
  for (const reference::Datum &value : *values)
    results.push_back(*std::get<reference::Tensor>(value).data);
  return results;
}

std::vector<cpu::Target> allTargets() {
  std::vector<cpu::Target> targets = runnableTargets();
  targets.push_back(warpTarget());
  return targets;
}

std::vector<double> randomNumbers(int64_t count, uint32_t seed, double scale) {
  Random random(seed);
  std::vector<double> numbers(count);
  for (double &number : numbers)
    number = scale * static_cast<double>(random.number());
  return numbers;
}

double relativeError(const std::vector<double> &got, const std::vector<double> &expected) {
  double largest = 1, difference = 0;
  for (double number : expected)
    largest = std::max(largest, std::abs(number));
  if (got.size() != expected.size())
    return INFINITY;
  for (size_t i = 0; i < got.size(); ++i)
    if (!(std::abs(got[i] - expected[i]) <= difference))
      difference = std::isnan(got[i]) ? INFINITY : std::abs(got[i] - expected[i]);
  return difference / largest;
}

} // namespace tern::test
