// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Convolutions and recurrences along sequences. A tile is an entry and as many neighbouring
// channels as a vector has lanes; it takes the entry's rows in order, so that the bits do not
// depend on how a sequence is cut into steps.
#include "dialects/KV/IR/KV.h"
#include "passes/CPU/DispatchBuffers.h"
#include "passes/CPU/Functions.h"
#include "passes/CPU/KernelBuilder.h"
#include "passes/CPU/PackedWeight.h"
#include "passes/CPU/Schema.h"

using namespace mlir;

namespace tern::cpu {

namespace {

/// The rows of one tensor operand, or of a result.
struct Rows {
  Value base;
  int64_t stride; ///< elements
};

/// What a tile works on.
struct Tile {
  Value firstRow, rowLimit; ///< the entry's rows
  Value channel;            ///< the first one
  Value mask;               ///< of channels that are there; null if all are
  Value read, written;      ///< addresses of the channel in the first row of the state
};

/// What both kernels share: where operands and states lie.
class RecurrenceWriter {
public:
  RecurrenceWriter(KernelBuilder &kernel, DispatchOp dispatch, const DispatchBuffers &buffers,
                   llvm::ArrayRef<Layout> layouts)
      : k(kernel), buffers(buffers), dispatch(dispatch), layouts(layouts) {}

protected:
  void bind(Value state, Value batch, Value layerIndex) {
    type = cast<kv::StateType>(state.getType());
    // A block is f32 [layers][rows][width rounded up to 16].
    rowBytes = static_cast<int64_t>(llvm::alignTo(type.getWidth(), 16)) * 4;
    unsigned first = buffers.ofInput(state), rows = buffers.ofInput(batch);
    pool = k.buffer(first);
    table = k.buffer(first + 1);
    rowStart = k.buffer(rows + 1);
    slot = k.buffer(rows + 2);
    layer = k.size(buffers.indexNumber(layerIndex));
    result = {k.buffer(buffers.ofResult(0)), layouts[dispatch.getInputs().size()].rowStride};
  }

  Rows operand(Value value) {
    return {k.buffer(buffers.ofInput(value)),
            layouts[cast<BlockArgument>(value).getArgNumber()].rowStride};
  }

  Tile tile(Value tileNumber) {
    int64_t chunks = llvm::divideCeil(type.getWidth(), k.lanes());
    Tile tile;
    Value entry = k.div(tileNumber, chunks);
    tile.channel = k.mul(k.rem(tileNumber, chunks), k.lanes());
    tile.firstRow = number(rowStart, entry);
    tile.rowLimit = number(rowStart, k.add(entry, 1));
    if (type.getWidth() % k.lanes() != 0) {
      Value channels = k.add(k.iota(k.lanes()), k.broadcast(k.truncate(tile.channel, k.i32())));
      tile.mask = k.compare(KernelBuilder::IntPredicate::slt, channels, type.getWidth());
    }
    Value pair = k.mul(number(slot, entry), 2);
    tile.read = place(number(table, pair), tile.channel);
    tile.written = place(number(table, k.add(pair, 1)), tile.channel);
    return tile;
  }

  /// The tile's channels in a row of a tensor.
  Value load(const Tile &tile, const Rows &rows, Value row) {
    auto vector = k.vector(k.f32());
    Value address = at(rows, row, tile.channel);
    return tile.mask ? k.loadWhere(vector, tile.mask, address, 4) : k.load(vector, address);
  }

  void store(const Tile &tile, Value vector, Value row) {
    Value address = at(result, row, tile.channel);
    if (tile.mask)
      k.storeWhere(vector, tile.mask, address, 4);
    else
      k.store(vector, address);
  }

  /// The tile's channels in a row of a state; a row may end within a vector of a warp.
  Value loadState(const Tile &tile, Value row) {
    auto vector = k.vector(k.f32());
    return isWhole() ? k.load(vector, row) : k.loadWhere(vector, tile.mask, row, 4);
  }

  void storeState(const Tile &tile, Value state, Value row) {
    isWhole() ? k.store(state, row) : k.storeWhere(state, tile.mask, row, 4);
  }

  /// The tile's channels in column `column` of a packed matrix of `columns`; those that are not
  /// there are 0.
  Value loadPacked(const Tile &tile, Value matrix, Value column, int64_t columns) {
    Value panel = k.div(tile.channel, kPanelColumns), place = k.rem(tile.channel, kPanelColumns);
    Value row = k.add(k.mul(panel, columns), column);
    Value number = k.add(k.mul(row, kPanelColumns), place);
    return k.load(k.vector(k.f32()), k.address(matrix, k.mul(number, 4)));
  }

  /// One number of a row, in all lanes.
  Value spread(const Rows &rows, Value row, Value column) {
    return k.broadcast(k.load(k.f32(), at(rows, row, column)));
  }

  Value at(const Rows &rows, Value row, Value column) {
    return k.address(rows.base, k.mul(k.add(k.mul(row, rows.stride), column), 4));
  }

  KernelBuilder &k;
  const DispatchBuffers &buffers;
  kv::StateType type;
  int64_t rowBytes = 0; ///< of the state

private:
  bool isWhole() const { return rowBytes % (4 * k.lanes()) == 0; }

  Value number(Value base, Value index) {
    return k.extendSigned(k.load(k.i32(), k.address(base, k.mul(index, 4))), k.i64());
  }

  /// The channel in the first row of the layer, in a block of the pool.
  Value place(Value block, Value channel) {
    Value row = k.mul(k.add(k.mul(block, type.getLayers()), layer), type.getRows());
    return k.address(pool, k.add(k.mul(row, rowBytes), k.mul(channel, 4)));
  }

  DispatchOp dispatch;
  llvm::ArrayRef<Layout> layouts;
  Value pool, table, rowStart, slot, layer;
  Rows result;
};

/// The rows that the convolution still sees stay in registers.
class ConvolveWriter : RecurrenceWriter {
public:
  using RecurrenceWriter::RecurrenceWriter;

  void write(kv::ConvolveOp op) {
    bind(op.getState(), op.getBatch(), op.getLayer());
    Rows x = operand(op.getX());
    Value weight = k.buffer(buffers.ofInput(op.getWeight()));
    auto vector = k.vector(k.f32());
    k.forEachTile([&](Value number) {
      Tile tile = this->tile(number);
      Values before, factors;
      for (int64_t row = 0; row < type.getRows(); ++row)
        before.push_back(loadState(tile, k.address(tile.read, row * rowBytes)));
      for (int64_t row = 0; row <= type.getRows(); ++row)
        factors.push_back(loadPacked(tile, weight, k.index(row), type.getRows() + 1));
      before = k.loop(tile.firstRow, tile.rowLimit, 1, before, [&](Value row, ValueRange seen) {
        Values rows(seen);
        rows.push_back(load(tile, x, row));
        Value sum = k.zero(vector);
        for (auto [factor, number] : llvm::zip_equal(factors, rows))
          sum = k.fma(factor, number, sum);
        store(tile, sum, row);
        rows.erase(rows.begin());
        return rows;
      });
      for (auto [row, kept] : llvm::enumerate(before))
        storeState(tile, kept, k.address(tile.written, static_cast<int64_t>(row) * rowBytes));
    });
  }
};

/// A row's turn goes through the state's rows; the first turn reads what the step before left, the
/// others what this one wrote.
class ScanWriter : RecurrenceWriter {
public:
  using RecurrenceWriter::RecurrenceWriter;

  void write(kv::ScanOp op) {
    bind(op.getState(), op.getBatch(), op.getLayer());
    x = operand(op.getX());
    step = operand(op.getStep());
    rate = k.buffer(buffers.ofInput(op.getRate()));
    in = operand(op.getIn());
    out = operand(op.getOut());
    k.forEachTile([&](Value number) {
      Tile tile = this->tile(number);
      k.loop(tile.firstRow, tile.rowLimit, 1, tile.read, [&](Value row, ValueRange from) {
        writeRow(tile, row, from[0]);
        return Values{tile.written};
      });
      k.when(k.compare(KernelBuilder::IntPredicate::eq, tile.firstRow, tile.rowLimit),
             [&] { keep(tile); });
    });
  }

private:
  /// An entry without rows leaves the state as it was.
  void keep(const Tile &tile) {
    k.loop(k.index(0), k.index(type.getRows()), 1, [&](Value n) {
      Value offset = k.mul(n, rowBytes);
      storeState(tile, loadState(tile, k.address(tile.read, offset)),
                 k.address(tile.written, offset));
    });
  }

  void writeRow(const Tile &tile, Value row, Value from) {
    Value size = load(tile, step, row), input = k.mul(size, load(tile, x, row));
    // A few turns side by side hide what an exponential takes.
    int64_t turns = type.getRows() % 4 == 0 ? 4 : 1;
    Values sum = k.loop(k.index(0), k.index(type.getRows()), turns, k.zero(k.vector(k.f32())),
                        [&](Value first, ValueRange sums) {
                          Value sum = sums[0];
                          for (int64_t turn = 0; turn < turns; ++turn)
                            sum = addState(tile, row, from, k.add(first, turn), size, input, sum);
                          return Values{sum};
                        });
    store(tile, sum[0], row);
  }

  /// Renews row `n` of the state and adds what it gives.
  Value addState(const Tile &tile, Value row, Value from, Value n, Value size, Value input,
                 Value sum) {
    Value offset = k.mul(n, rowBytes);
    Value decay = functions::exp(k, k.mul(size, loadPacked(tile, rate, n, type.getRows())));
    Value state = loadState(tile, k.address(from, offset));
    state = k.fma(decay, state, k.mul(input, spread(in, row, n)));
    storeState(tile, state, k.address(tile.written, offset));
    return k.fma(spread(out, row, n), state, sum);
  }

  Rows x, step, in, out;
  Value rate;
};

} // namespace

/// The matrix that is the same for all rows.
static Value matrixOf(DispatchOp dispatch) {
  for (Operation &op : dispatch.getBody().front())
    if (auto convolve = dyn_cast<kv::ConvolveOp>(op))
      return convolve.getWeight();
    else if (auto scan = dyn_cast<kv::ScanOp>(op))
      return scan.getRate();
  llvm_unreachable("a recurrence is one of these");
}

FailureOr<KernelInfo> emitRecurrence(DispatchOp dispatch, llvm::ArrayRef<Layout> layouts,
                                     StringRef name, ModuleOp module, const Target &target) {
  auto matrix = cast<RankedTensorType>(matrixOf(dispatch).getType());
  if (!isa_and_present<PanelsAttr>(matrix.getEncoding()))
    return dispatch.emitOpError("reads a matrix of type ")
           << matrix << ", expected weights that a load function packs";
  DispatchBuffers buffers(dispatch);
  kv::StateType state;
  kv::BatchType batch;
  for (Type type : dispatch.getInputs().getTypes()) {
    if (auto found = dyn_cast<kv::StateType>(type))
      state = found;
    if (auto found = dyn_cast<kv::BatchType>(type))
      batch = found;
  }
  KernelBuilder::define(module, target, name, [&](KernelBuilder &kernel) {
    for (Operation &op : dispatch.getBody().front())
      if (auto convolve = dyn_cast<kv::ConvolveOp>(op))
        ConvolveWriter(kernel, dispatch, buffers, layouts).write(convolve);
      else if (auto scan = dyn_cast<kv::ScanOp>(op))
        ScanWriter(kernel, dispatch, buffers, layouts).write(scan);
  });
  ExtentAttr entries = ExtentAttr::getName(dispatch.getContext(), batch.getEntries().getValue());
  int64_t chunks = llvm::divideCeil(state.getWidth(), target.lanes);
  return KernelInfo{{}, buffers.indexInputs(), entries.times(chunks), 0};
}

} // namespace tern::cpu
