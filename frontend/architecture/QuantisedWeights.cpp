// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Weights that are stored in parts, as terms of these: the laws are in QuantisedWeight.h. Codes are
// read as bytes, and a table has what a byte's codes stand for, so that tables and moves are all
// that a kernel has to know. All of it is bound at load: blocks of codes and scales where the
// kernels have such (tern.blocks), else numbers in f32.
#include "frontend/architecture/ModelBuilder.h"

#include <algorithm>
#include <numeric>

using namespace mlir;

namespace tern::architecture {

using checkpoint::GroupedCodes;
using checkpoint::ScaledCodes;
using checkpoint::TableCodes;

namespace {

constexpr int64_t kByte = 8, kBytes = 256;
/// Codes that share a scale in blocks.
constexpr int64_t kGroup = 32;

class WeightDecoder {
public:
  WeightDecoder(ModelBuilder &model, ArrayRef<int64_t> shape)
      : model(model), out(shape[0]), in(shape[1]) {}

  Value operator()(const ScaledCodes &weight) {
    Value codes = bytes(weight.codes, {out, in});
    if (StringRef format = formatOf(weight); !format.empty()) {
      int64_t columns = std::min(weight.blockColumns, in) / kGroup;
      return blocks(format, codes, ofBlocks(weight, columns, in / kGroup));
    }
    Value numbers = lookUp(codes, checkpointNumbers(weight.numbers), "p,nk->nk");
    return model.scale(model.mul(numbers, ofBlocks(weight, weight.blockColumns, in)),
                       namedFactor(weight.numbers));
  }

  Value operator()(const TableCodes &weight) {
    int64_t count = out * in / weight.block;
    Value scales = weight.nested ? ofNested(weight, count) : numbers(weight.scales, {count});
    if (StringRef format = formatOf(weight); !format.empty()) {
      int64_t groups = weight.block / kGroup;
      Value codes = lookUp(bytes(weight.codes, {out, in / 2}),
                           nibbles<int8_t>([](int64_t code) { return static_cast<int8_t>(code); }),
                           "pi,nk->nki");
      Value all = model.broadcast(scales, f32({count, groups}), "b->bg");
      return blocks(format, reshape(codes, {out, in}), reshape(all, {out, in / kGroup}));
    }
    Value codes = lookUp(bytes(weight.codes, {count, weight.block / 2}),
                         nibbles<float>([&](int64_t code) { return weight.numbers[size_t(code)]; }),
                         "pi,bj->bji");
    Value all = model.mul(reshape(codes, {count, weight.block}),
                          model.broadcast(scales, f32({count, weight.block}), "b->bk"));
    return reshape(all, {out, in});
  }

  Value operator()(const GroupedCodes &weight) {
    int64_t groups = in / weight.group;
    if (StringRef format = formatOf(weight); !format.empty())
      return blocks(format, weight, codesOf<int8_t>(weight));
    auto ofEach = [&](Value all) {
      if (weight.index.empty())
        return ofInputs(all, groups, in);
      return Value(GatherOp::create(model.builder, model.location, "gn,k->nk", all,
                                    integers(weight.index, in)));
    };
    Value scales = ofEach(numbers(weight.scales, {groups, out}));
    return model.mul(SubOp::create(model.builder, model.location, codesOf<float>(weight),
                                   ofEach(zerosOf<float>(weight))),
                     scales);
  }

  /// x W^T where a block holds the codes of a group, but not as `decode` has them: if its inputs
  /// are no neighbours, the columns of x and of the codes are sorted by their groups; 8 bits with
  /// zero points are less 128 in blocks, and what a zero point z differs from that goes with the
  /// group's sum,
  ///   sum_k x_k s (q_k - z) = sum_k x_k s (q_k - 128) + (sum_k x_k) s (128 - z).
  /// Null for any other weight.
  Value product(Value x, const checkpoint::QuantisedWeight &weight) {
    auto *groups = std::get_if<GroupedCodes>(&weight);
    StringRef format = formatOf(weight, /*isFactor=*/true);
    if (!groups || format.empty() || format == formatOf(weight))
      return {};
    Value codes = codesOf<int8_t>(*groups);
    if (!groups->index.empty()) {
      Value order = byGroups(*groups);
      auto sorted = [&](Value columns) {
        return GatherOp::create(model.builder, model.location, "rk,i->ri", columns, order);
      };
      x = sorted(x);
      codes = sorted(codes);
    }
    Value y = model.product(x, blocks(format, *groups, codes));
    bool isShifted = groups->bits == 8 && !groups->isSymmetric;
    return isShifted ? model.add(y, model.product(sumsOf(x, *groups), shiftsOf(*groups))) : y;
  }

private:
  //===- Blocks -----------------------------------------------------------===//

  /// Of codes [out, in] whose groups are neighbours.
  Value blocks(StringRef format, const GroupedCodes &weight, Value codes) {
    int64_t groups = in / weight.group;
    int64_t elements = findBlockFormat(std::string_view(format))->elements;
    auto ofEach = [&](Value all) { // [groups, out] as [out, in / elements]
      return ofInputs(all, groups, in / elements);
    };
    Value scales = ofEach(stored(weight.scales, {groups, out}));
    return blocks(format, codes, scales,
                  format.starts_with("z4") ? ofEach(zerosOf<int8_t>(weight)) : Value());
  }

  Value blocks(StringRef format, Value codes, Value scales, Value zeros = {}) {
    auto element = BlockType::fromGgufName(model.builder.getContext(), format);
    return BlocksOp::create(model.builder, model.location,
                            RankedTensorType::get({out, in}, element), codes, scales, zeros);
  }

  /// The blocks that hold it; empty if none do.
  StringRef formatOf(const checkpoint::QuantisedWeight &weight, bool isFactor = false) const {
    return checkpoint::heldForm(model.checkpoint, weight, in, isFactor).blocks;
  }

  //===- Products ---------------------------------------------------------===//

  /// The inputs, group after group.
  Value byGroups(const GroupedCodes &weight) {
    Value index = model.asF32(integers(weight.index, in));
    auto falling = NegOp::create(model.builder, model.location, index);
    return TopKOp::create(model.builder, model.location, falling, in).getIndices();
  }

  /// Of each group of x's neighbours [r, groups].
  Value sumsOf(Value x, const GroupedCodes &weight) {
    auto type = cast<RankedTensorType>(x.getType());
    ExtentAttr rows = getExtents(type)[0];
    auto fixed = [&](int64_t size) { return ExtentAttr::getConstant(x.getContext(), size); };
    RankedTensorType parts =
        model.tensor({rows, fixed(in / weight.group), fixed(weight.group)}, type.getElementType());
    Value grouped = ReshapeOp::create(model.builder, model.location, parts, x);
    return SumOp::create(model.builder, model.location, "rgk->rg", grouped);
  }

  /// s (128 - z) [out, groups].
  Value shiftsOf(const GroupedCodes &weight) {
    Value zeros = zerosOf<float>(weight), middle = model.scalar(kBytes / 2);
    Value shifts = model.add(model.scale(zeros, -1), middle);
    Value scales = numbers(weight.scales, {in / weight.group, out});
    return transpose(model.mul(scales, shifts), "gn->ng");
  }

  //===- Codes ------------------------------------------------------------===//

  /// The bytes of a tensor.
  Value bytes(const std::string &name, ArrayRef<int64_t> shape) {
    int64_t count = std::accumulate(shape.begin(), shape.end(), int64_t(1), std::multiplies<>());
    auto type = RankedTensorType::get({count}, model.builder.getI8Type());
    Value all = WeightOp::create(model.builder, model.location, type, name, Value());
    return reshape(all, shape);
  }

  /// Integers of 4 bytes that are not negative and below 2^24.
  Value integers(const std::string &name, int64_t count) {
    SmallVector<int32_t> values(kBytes);
    std::iota(values.begin(), values.end(), 0);
    Value parts = lookUp(transpose(bytes(name, {count, 4}), "kb->bk"), values, "p,bk->bk");
    Value sum;
    for (int64_t byte = 2; byte >= 0; --byte) {
      Value part = reshape(model.slice(parts, 0, byte, 1), {count});
      sum = sum ? model.add(model.mul(sum, integer(kBytes)), part) : part;
    }
    return sum;
  }

  Value integer(int64_t number) {
    auto type = RankedTensorType::get({}, model.builder.getI32Type());
    return ConstantOp::create(model.builder, model.location, type,
                              DenseElementsAttr::get(type, static_cast<int32_t>(number)));
  }

  template <typename T> Type elementOf() {
    return std::is_same_v<T, float> ? Type(model.builder.getF32Type())
                                    : Type(model.builder.getIntegerType(8 * sizeof(T)));
  }

  /// table[byte], or table[byte, i] where a byte has several codes.
  template <typename T> Value lookUp(Value bytes, SmallVector<T> table, StringRef axes) {
    OpBuilder &builder = model.builder;
    auto shape = cast<RankedTensorType>(bytes.getType()).getShape();
    // Bytes are signed, so the row of 0 is in the middle.
    std::rotate(table.begin(), table.begin() + table.size() / 2, table.end());
    SmallVector<int64_t> extents{kBytes};
    if (axes.starts_with("pi"))
      extents.push_back(int64_t(table.size()) / kBytes);
    auto type = RankedTensorType::get(extents, elementOf<T>());
    Value rows = ConstantOp::create(builder, model.location, type,
                                    DenseElementsAttr::get(type, ArrayRef<T>(table)));
    auto index = RankedTensorType::get(shape, builder.getI32Type());
    Value signedBytes = CastOp::create(builder, model.location, index, bytes);
    Value places = model.add(signedBytes, integer(kBytes / 2));
    return GatherOp::create(builder, model.location, axes, rows, places);
  }

  static SmallVector<float> checkpointNumbers(std::string_view name) {
    std::span<const float> numbers = namedNumbers(name);
    return {numbers.begin(), numbers.end()};
  }

  /// What the codes of each byte stand for, the high one first.
  template <typename T, typename Number> static SmallVector<T> nibbles(Number number) {
    SmallVector<T> table;
    for (int64_t byte = 0; byte < kBytes; ++byte)
      for (int64_t code : {byte >> 4, byte & 15})
        table.push_back(number(code));
    return table;
  }

  /// The codes of each byte from its low bits on, plus `offset` modulo 2^bits. In blocks of 8 bits
  /// they are less 128.
  template <typename T> static SmallVector<T> codeTable(int64_t bits, int64_t offset) {
    SmallVector<T> table;
    int64_t mask = (int64_t(1) << bits) - 1;
    int64_t middle = std::is_same_v<T, int8_t> && bits == 8 ? kBytes / 2 : 0;
    for (int64_t byte = 0; byte < kBytes; ++byte)
      for (int64_t shift = 0; shift < kByte; shift += bits)
        table.push_back(static_cast<T>((((byte >> shift) + offset) & mask) - middle));
    return table;
  }

  /// Of GPTQ or AWQ [out, in].
  template <typename T> Value codesOf(const GroupedCodes &weight) {
    if (weight.isAwq)
      return awqCodes<T>(weight.codes, in);
    int64_t perWord = 32 / weight.bits;
    Value words = bytes(weight.codes, {in / perWord, out, 4});
    Value codes = lookUp(words, codeTable<T>(weight.bits, 0), "pi,wnb->wnbi");
    return reshape(transpose(codes, "wnbi->nwbi"), {out, in});
  }

  /// [groups, out].
  template <typename T> Value zerosOf(const GroupedCodes &weight) {
    int64_t groups = in / weight.group;
    if (weight.isAwq)
      return transpose(awqCodes<T>(weight.zeros, groups), "ng->gn");
    Value stored = bytes(weight.zeros, {groups, out * weight.bits / kByte});
    Value zeros = lookUp(stored, codeTable<T>(weight.bits, weight.zeroOffset), "pi,gb->gbi");
    return reshape(zeros, {groups, out});
  }

  /// [out, rows] of words [rows, out / 8].
  template <typename T> Value awqCodes(const std::string &name, int64_t rows) {
    // Byte 2 c + d has the columns c + 4 d and c + 4 d + 2 of eight.
    Value words = reshape(transpose(bytes(name, {rows, out / 2}), "rb->br"), {out / 8, 2, 2, rows});
    Value codes = lookUp(words, codeTable<T>(4, 0), "pi,wcdr->wcdir");
    return reshape(transpose(codes, "wcdir->wdicr"), {out, rows});
  }

  //===- Scales -----------------------------------------------------------===//

  RankedTensorType f32(ArrayRef<int64_t> shape) {
    return RankedTensorType::get(shape, model.builder.getF32Type());
  }

  /// A float tensor in another shape.
  Value stored(const std::string &name, ArrayRef<int64_t> shape) {
    return reshape(model.stored(name, model.checkpoint.find(name)->shape), shape);
  }

  /// Its numbers.
  Value numbers(const std::string &name, ArrayRef<int64_t> shape) {
    Value all = stored(name, shape);
    return all.getType() == f32(shape) ? all : model.asF32(all);
  }

  /// Scales as [out, width], `columns` of which are a block's.
  Value ofBlocks(const ScaledCodes &weight, int64_t columns, int64_t width) {
    int64_t rows = weight.blockRows;
    int64_t high = llvm::divideCeil(out, rows), wide = llvm::divideCeil(width, columns);
    Value scales = numbers(weight.scales, {high, wide});
    if (rows == 1 && wide == 1)
      return model.broadcast(reshape(scales, {out}), f32({out, width}), "n->nk");
    Value all = reshape(model.broadcast(scales, f32({high, rows, wide, columns}), "rc->rncm"),
                        {high * rows, wide * columns});
    // The last blocks may be cut.
    all = high * rows == out ? all : model.slice(all, 0, 0, out);
    return wide * columns == width ? all : model.slice(all, 1, 0, width);
  }

  Value ofNested(const TableCodes &weight, int64_t count) {
    const TableCodes::Nested &nested = *weight.nested;
    int64_t outer = llvm::divideCeil(count, nested.block);
    SmallVector<float> table(nested.numbers.begin(), nested.numbers.end());
    Value codes = lookUp(bytes(weight.scales, {count}), table, "p,b->b");
    Value scales =
        model.broadcast(numbers(nested.scales, {outer}), f32({outer, nested.block}), "o->ob");
    scales = reshape(scales, {outer * nested.block});
    if (outer * nested.block != count)
      scales = model.slice(scales, 0, 0, count);
    return model.add(model.mul(codes, scales), model.scalar(nested.offset));
  }

  /// What groups have [groups, out] as [out, width].
  Value ofInputs(Value all, int64_t groups, int64_t width) {
    Type element = cast<RankedTensorType>(all.getType()).getElementType();
    auto type = RankedTensorType::get({out, groups, width / groups}, element);
    return reshape(model.broadcast(all, type, "gn->ngk"), {out, width});
  }

  Value transpose(Value x, StringRef axes) {
    return TransposeOp::create(model.builder, model.location, axes, x);
  }

  Value reshape(Value x, ArrayRef<int64_t> shape) {
    auto type = cast<RankedTensorType>(x.getType());
    auto to = RankedTensorType::get(shape, type.getElementType());
    return type == to ? x : ReshapeOp::create(model.builder, model.location, to, x);
  }

  ModelBuilder &model;
  int64_t out, in;
};

} // namespace

Value ModelBuilder::product(Value x, const checkpoint::QuantisedWeight &weight, int64_t out) {
  int64_t in = cast<RankedTensorType>(x.getType()).getDimSize(1);
  Value own = WeightDecoder(*this, {out, in}).product(x, weight);
  return own ? own : product(x, decode(weight, {out, in}));
}

Value ModelBuilder::decode(const checkpoint::QuantisedWeight &weight, ArrayRef<int64_t> shape) {
  return std::visit(WeightDecoder(*this, shape), weight);
}

} // namespace tern::architecture
