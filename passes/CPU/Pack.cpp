// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/Pack.h"

#include "passes/CPU/BlockReader.h"

using namespace llvm;

namespace tern::cpu {

namespace {

/// Packing moves units of 2 or 4 bytes that hold neighbouring k of one column.
class PackWriter {
public:
  PackWriter(KernelBuilder &kernel, const PackSpec &spec)
      : k(kernel), spec(spec), layout(layoutOf(spec.storage)) {
    bool isStack = spec.matrices > 1;
    int64_t length = spec.isTurned ? spec.n : spec.k, stride = spec.sourceStride;
    rowBytes = bytesOf(stride && !isStack ? stride : length);
    matrixBytes = stride && isStack ? bytesOf(stride) : spec.n * rowBytes;
  }

  void write() {
    Value packed = k.buffer(spec.packedBuffer);
    k.forEachTile([&](Value tile) {
      Value source = k.buffer(spec.sourceBuffer);
      Value panel = k.add(tile, spec.firstColumn / kPanelColumns);
      columns = spec.matrices == 1 ? columnsOfMatrix(panel) : columnsOfStack(tile);
      if (spec.matrices > 1)
        source = k.address(source, k.mul(k.div(tile, panels(spec.n)), matrixBytes));
      Value place = placeOfPanel(k, panel, spec.alternating);
      Value to = k.address(packed, k.mul(place, panelBytes(spec.storage, spec.k)));
      layout.quantised() ? packBlocks(source, to)
      : spec.isTurned    ? packTurned(source, to)
                         : packDense(source, to);
    });
  }

private:
  /// The columns that a tile writes, its panel's first, and the number of the source's first.
  struct Columns {
    Value panelFirst, begin, end, source;
  };

  /// Numbered from the packed weight's first column on.
  Columns columnsOfMatrix(Value panel) {
    Value first = k.mul(panel, kPanelColumns);
    return {first, k.max(first, k.index(spec.firstColumn)),
            k.min(k.add(first, kPanelColumns), k.index(spec.firstColumn + spec.n)),
            k.index(spec.firstColumn)};
  }

  /// Numbered from their own matrix' first column on.
  Columns columnsOfStack(Value tile) {
    Value first = k.mul(k.rem(tile, panels(spec.n)), kPanelColumns);
    return {first, first, k.min(k.add(first, kPanelColumns), k.index(spec.n)), k.index(0)};
  }

  /// Of elements that follow one another in the source.
  int64_t bytesOf(int64_t elements) const {
    return elements / layout.depth * layout.sourceBytes +
           elements % layout.depth * (layout.sourceBytes / layout.depth);
  }

  /// Calls `body` for each column with the addresses of its k = 0 and its place in a packed row of
  /// `unit` bytes a column.
  void forEachColumn(Value source, Value to, int64_t unit,
                     function_ref<void(Value from, Value to, Value lane)> body) {
    k.loop(columns.begin, columns.end, 1, [&](Value column) {
      Value from = k.address(source, k.mul(k.sub(column, columns.source), rowBytes));
      Value lane = k.sub(column, columns.panelFirst);
      body(from, k.address(to, k.mul(lane, unit)), lane);
    });
  }

  void move(Type type, Value from, int64_t fromOffset, Value to, int64_t toOffset) {
    unsigned alignment = type.getIntOrFloatBitWidth() / 8;
    k.store(k.load(type, from, fromOffset, 2), to, toOffset, alignment);
  }

  /// In chunks of one source line (64 bytes): each line is read once, whatever the distance of the
  /// columns, and the chunk's part of the panel stays in the first cache.
  void packDense(Value source, Value to) {
    int64_t unit = spec.storage == Storage::F16 ? 2 : 4, perChunk = 64 / unit;
    Type type = unit == 2 ? k.i16() : k.i32();
    int64_t units = spec.k / layout.depth, chunks = units / perChunk;
    k.loop(k.index(0), k.index(chunks), 1, [&](Value chunk) {
      forEachColumn(source, to, unit, [&](Value from, Value to, Value) {
        from = k.address(from, k.mul(chunk, 64));
        to = k.address(to, k.mul(chunk, perChunk * layout.packedBytes));
        for (int64_t i = 0; i < perChunk; ++i)
          move(type, from, i * unit, to, i * layout.packedBytes);
      });
    });
    forEachColumn(source, to, unit, [&](Value from, Value to, Value) {
      k.loop(k.index(chunks * perChunk), k.index(units), 1, [&](Value i) {
        move(type, k.address(from, k.mul(i, unit)), 0, k.address(to, k.mul(i, layout.packedBytes)),
             0);
      });
      if (spec.k % layout.depth) // the first of a pair; its partner stays 0
        move(k.i16(), from, units * unit, to, units * layout.packedBytes);
    });
  }

  /// Rows of the source become rows of a panel; those of bf16 are interleaved by pairs.
  void packTurned(Value source, Value to) {
    int64_t unit = spec.storage == Storage::F32 ? 4 : 2, pair = layout.depth;
    Type type = unit == 4 ? k.i32() : k.i16();
    k.loop(k.index(0), k.index(spec.k), 1, [&](Value step) {
      Value row = k.address(source, k.mul(step, rowBytes));
      Value block = k.address(to, k.mul(k.div(step, pair), layout.packedBytes));
      Value panelRow = k.address(block, k.mul(k.rem(step, pair), unit));
      k.loop(columns.begin, columns.end, 1, [&](Value column) {
        Value from = k.address(row, k.mul(k.sub(column, columns.source), unit));
        Value lane = k.sub(column, columns.panelFirst);
        move(type, from, 0, k.address(panelRow, k.mul(lane, pair * unit)), 0);
      });
    });
  }

  void packBlocks(Value source, Value to) {
    const BlockFormat &format = *spec.storage.format();
    k.loop(k.index(0), k.index(spec.k / layout.depth), 1, [&](Value number) {
      Value block = k.address(to, k.mul(number, layout.packedBytes));
      forEachColumn(source, block, 4, [&](Value from, Value to, Value lane) {
        from = k.address(from, k.mul(number, layout.sourceBytes));
        packHeader(format, from, k.address(block, k.mul(lane, layout.scaleBytes)));
        if (layout.scaleCodes)
          packScaleCodes(format, from, k.address(block, lane));
        for (int64_t unit = 0; unit < layout.units(); ++unit)
          packCodes(format, from, unit,
                    k.address(to, layout.headerBytes + unit * layout.unitBytes()));
      });
    });
  }

  void packHeader(const BlockFormat &format, Value from, Value header) {
    if (format.scale != ScaleKind::PowerOfTwo)
      move(layout.scaleBytes == 2 ? k.i16() : k.i32(), from, format.scaleOffset, header, 0);
    else
      k.store(loadPowerOfTwo(k, from, format.scaleOffset), header, 0);
    if (!format.minimum)
      return;
    Value minimum = k.load(k.i16(), from, format.minimumOffset, 2);
    // With codes, minima are subtracted.
    k.store(layout.scaleCodes ? k.bitXor(minimum, 0x8000) : minimum, header, layout.minimaOffset(),
            2);
  }

  void packScaleCodes(const BlockFormat &format, Value from, Value to) {
    for (int64_t group = 0; group < format.groups(); ++group) {
      Value code = readNumber(format.scales, from, group);
      int64_t place = group * kPanelColumns;
      k.store(k.sub(code, format.scaleZero()), to, layout.scaleCodesOffset() + place, 1);
      if (format.minimum)
        k.store(readNumber(format.minima, from, group), to, layout.minimumCodesOffset() + place, 1);
    }
  }

  void packCodes(const BlockFormat &format, Value from, int64_t unit, Value to) {
    for (int64_t row = 0; row < layout.codeBits; ++row) {
      int64_t first = unit * kUnitDepth + 4 * row;
      Value word = readQuad(format, from, first);
      if (layout.nibbles())
        word = k.bitOr(word, k.shiftLeft(readQuad(format, from, first + 16), 4));
      k.store(word, to, row * kCodeRow);
    }
  }

  /// Number `i` of small ones, as i8.
  Value readNumber(const BitFields &fields, Value from, int64_t i) {
    Value number;
    for (const BitField &field : fields) {
      if (field.bits == 0)
        break;
      Value part = k.load(k.i8(), from, field.byteOf(i), 1);
      part = k.bitAnd(k.shiftRight(part, field.shiftOf(i)), (1 << field.bits) - 1);
      part = k.shiftLeft(part, field.place);
      number = number ? k.bitOr(number, part) : part;
    }
    return number;
  }

  /// Codes `i` to `i + 3` of a block in the bytes of an i32, with the packed form's zero point.
  Value readQuad(const BlockFormat &format, Value from, int64_t i) {
    Value word;
    for (const BitField &field : format.codes) {
      if (field.bits == 0)
        break;
      Value part = field.run >= 4 ? readBytes(field, from, i) : spreadBits(field, from, i);
      part = k.shiftLeft(part, field.place);
      word = word ? k.bitOr(word, part) : part;
    }
    if (format.minimum || layout.lookedUp())
      return word;
    // Signed bytes are moved by half of their range, the others by less than what would carry.
    return format.bits == 8 ? k.bitXor(word, 0x80808080)
                            : k.add(word, (layout.zero - format.zero) * 0x01010101);
  }

  Value readBytes(const BitField &field, Value from, int64_t i) {
    int64_t mask = (1 << field.bits) - 1;
    Value word = k.load(k.i32(), from, field.byteOf(i), 1);
    return k.bitAnd(k.shiftRight(word, field.shiftOf(i)), mask * 0x01010101);
  }

  /// Four neighbouring bits of a byte: copies at distances of 7 leave bit j in byte j.
  Value spreadBits(const BitField &field, Value from, int64_t i) {
    Value byte = k.extendUnsigned(k.load(k.i8(), from, field.byteOf(i), 1), k.i32());
    Value four = k.bitAnd(k.shiftRight(byte, field.shiftOf(i)), 15);
    return k.bitAnd(k.mul(four, 0x00204081), 0x01010101);
  }

  KernelBuilder &k;
  const PackSpec &spec;
  PackedLayout layout;
  int64_t rowBytes, matrixBytes; // from one of the source to the next
  Columns columns{};
};

} // namespace

Value placeOfPanel(KernelBuilder &kernel, Value panel, int64_t alternating) {
  if (alternating == 0)
    return panel;
  auto isFirst = kernel.compare(KernelBuilder::IntPredicate::slt, panel, alternating / 2);
  Value twice = kernel.mul(panel, 2);
  return kernel.select(isFirst, twice, kernel.sub(twice, alternating - 1));
}

Expected<int64_t> addPack(mlir::ModuleOp module, const Target &target, StringRef name,
                          const PackSpec &spec) {
  PackedLayout layout = layoutOf(spec.storage);
  if (spec.matrices < 1 || spec.n < 1 || spec.k < 1 || spec.firstColumn < 0)
    return createStringError(
        "pack '" + name + "': expected at least one column and one k, found N = " + Twine(spec.n) +
        " and K = " + Twine(spec.k));
  if (layout.quantised() && spec.k % layout.depth)
    return createStringError("pack '" + name + "': expected K to be a multiple of " +
                             Twine(layout.depth) + " for " + nameOf(spec.storage) + ", found " +
                             Twine(spec.k));
  if (layout.quantised() && spec.isTurned)
    return createStringError("pack '" + name + "': expected rows of " + nameOf(spec.storage) +
                             " along K, found rows along N");
  KernelBuilder::define(module, target, name,
                        [&](KernelBuilder &kernel) { PackWriter(kernel, spec).write(); });
  if (spec.matrices > 1)
    return spec.matrices * panels(spec.n);
  return panels(spec.firstColumn + spec.n) - spec.firstColumn / kPanelColumns;
}

} // namespace tern::cpu
