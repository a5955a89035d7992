// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/RowTerms.h"

#include "dialects/Tern/IR/Inference.h"
#include "passes/CPU/Elementwise.h"

#include "llvm/ADT/TypeSwitch.h"

#include <numeric>

using namespace mlir;
using llvm::ArrayRef;
using llvm::StringRef;

namespace tern::cpu {

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

static RankedTensorType tensorOf(Value value) { return cast<RankedTensorType>(value.getType()); }

static int64_t product(ArrayRef<int64_t> extents) {
  int64_t result = 1;
  for (int64_t extent : extents)
    result *= extent;
  return result;
}

int64_t sizeOf(Term term) {
  ArrayRef<int64_t> shape = tensorOf(term.first).getShape();
  return product(term.second == Role::Row ? shape.drop_front() : shape);
}

Term operandTerm(Value operand, Role role) {
  return {operand, tensorOf(operand).getRank() == 0 ? Role::Whole : role};
}

FailureOr<Spread> spreadOf(BroadcastOp op, Role role) {
  FailureOr<Axes> axes = parseAxes(op.getLoc(), op.getAxes(), 1);
  if (failed(axes))
    return failure();
  StringRef from = axes->operands[0], to = axes->result;
  ArrayRef<int64_t> shape = tensorOf(op.getResult()).getShape();
  Spread spread{Role::Whole, 1, 1};
  if (role == Role::Row) {
    bool hasRows = !from.empty() && from[0] == to[0];
    if (hasRows) {
      spread.role = Role::Row;
      from = from.drop_front();
    }
    if (from.contains(to[0]))
      return failure();
    to = to.drop_front();
    shape = shape.drop_front();
  }
  size_t at = to.find(from);
  if (at == StringRef::npos)
    return failure();
  spread.size = product(shape.slice(at, from.size()));
  spread.repeat = from.empty() ? 1 : product(shape.drop_front(at + from.size()));
  return spread;
}

Window windowOf(SliceOp op) {
  ArrayRef<int64_t> shape = tensorOf(op.getX()).getShape();
  int64_t axis = op.getAxis();
  int64_t inner = product(shape.drop_front(axis + 1));
  return {shape[axis] * inner, static_cast<int64_t>(op.getOffset()) * inner,
          static_cast<int64_t>(op.getSize()) * inner};
}

FailureOr<int64_t> foldedSize(Operation *op, Role role) {
  FailureOr<Axes> axes =
      parseAxes(op->getLoc(), op->getAttrOfType<StringAttr>("axes").getValue(), 1);
  if (failed(axes))
    return failure();
  StringRef letters = axes->operands[0];
  std::string folded = axes->along.empty() ? axes->summed() : axes->along;
  size_t count = folded.size();
  StringRef last = letters.take_back(count);
  bool isLast = llvm::all_of(folded, [&](char letter) { return last.contains(letter); });
  bool keepsRows = role == Role::Whole || count < letters.size();
  bool keepsOrder = !axes->along.empty() || StringRef(axes->result) == letters.drop_back(count);
  if (!isLast || !keepsRows || !keepsOrder)
    return failure();
  return product(tensorOf(op->getOperand(0)).getShape().take_back(count));
}

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

static int64_t bytesOf(Type element) { return element.getIntOrFloatBitWidth() / 8; }

RowTerms::RowTerms(KernelBuilder &kernel, DispatchOp dispatch, ArrayRef<Layout> layouts,
                   StringRef kernelName, ModuleOp module)
    : k(kernel), dispatch(dispatch), layouts(layouts), constants(kernel, kernelName, module),
      buffers(dispatch) {
  for (auto [i, type] : llvm::enumerate(dispatch.getInputs().getTypes()))
    inputBases.push_back(isa<RankedTensorType>(type) ? k.buffer(buffers.ofInput(i)) : Value());
  for (auto [i, type] : llvm::enumerate(dispatch.getResults().getTypes()))
    resultBases.push_back(isa<RankedTensorType>(type) ? k.buffer(buffers.ofResult(i)) : Value());
}

void RowTerms::beginTile(Value number) {
  row = number;
  places.clear();
  splats.clear();
  normalised.clear();
  beginChunk();
}

const Place *RowTerms::placeOf(Term term) const {
  auto at = places.find(key(term));
  return at == places.end() ? nullptr : &at->second;
}

Place RowTerms::rowPlace(Value base, int64_t stride, RankedTensorType type) {
  Type element = type.getElementType();
  int64_t rowBytes = isa<BlockType>(element) ? stride / 32 * 40
                     : type.getRank() == 1   ? bytesOf(element)
                                             : stride * bytesOf(element);
  return {k.address(base, k.mul(row, rowBytes)), element};
}

Place RowTerms::resultPlace(unsigned result) {
  auto type = cast<RankedTensorType>(dispatch.getResult(result).getType());
  int64_t stride = layouts[dispatch.getNumOperands() + result].rowStride;
  if (!row)
    return {resultBases[result], type.getElementType()};
  return rowPlace(resultBases[result], stride, type);
}

Value RowTerms::flatIndex(const Run &run) {
  Value inner = run.inner ? run.inner : k.index(0);
  return run.outer ? k.add(k.mul(run.outer, run.extent), inner) : inner;
}

Value RowTerms::addressOf(const Place &place, const Run &run) {
  if (!run.outer && !run.inner)
    return place.base;
  return k.address(place.base, k.mul(flatIndex(run), bytesOf(place.element)));
}

Value RowTerms::readPlace(const Place &place, const Run &run) {
  Type wide = isa<FloatType>(place.element) ? k.f32() : k.i32();
  Value address = addressOf(place, run);
  auto alignment = static_cast<unsigned>(bytesOf(place.element));
  if (run.isSplat) {
    Value loaded = k.load(place.element, address, 0, alignment);
    return k.broadcast(isa<FloatType>(place.element) ? k.convertFloat(loaded, wide) : loaded);
  }
  Value loaded = k.loadFirst(k.vector(place.element), run.live, address, 0, alignment);
  return isa<FloatType>(place.element) ? k.convertFloat(loaded, wide) : loaded;
}

void RowTerms::write(Value vector, const Place &place, const Run &run) {
  if (isa<FloatType>(place.element))
    vector = k.convertFloat(vector, place.element);
  Value address = addressOf(place, run);
  auto alignment = static_cast<unsigned>(bytesOf(place.element));
  if (run.live == 1)
    k.store(k.extract(vector, 0), address, 0, alignment);
  else
    k.storeFirst(vector, run.live, address, 0, alignment);
}

//===----------------------------------------------------------------------===//
// Leaves
//===----------------------------------------------------------------------===//

Value RowTerms::readInput(BlockArgument input, Role role, const Run &run) {
  auto type = tensorOf(input);
  Value base = inputBases[input.getArgNumber()];
  if (role == Role::Whole)
    return readPlace({base, type.getElementType()}, run);
  return readPlace(rowPlace(base, layouts[input.getArgNumber()].rowStride, type), run);
}

Value RowTerms::readConstant(ConstantOp op, const Run &run) {
  if (Value splat = constants.splat(op))
    return splat;
  return readPlace(constants.place(op), run);
}

Value RowTerms::readGather(GatherOp op, const Run &run) {
  auto table = cast<BlockArgument>(op.getTable());
  Type element = tensorOf(table).getElementType();
  Value number = k.extract(
      readInput(cast<BlockArgument>(op.getIndices()), Role::Row, {{}, {}, 1, 1, true}), 0);
  int64_t stride = layouts[table.getArgNumber()].rowStride * bytesOf(element);
  Value offset = k.mul(k.extendUnsigned(number, k.i64()), stride);
  return readPlace({k.address(inputBases[table.getArgNumber()], offset), element}, run);
}

//===----------------------------------------------------------------------===//
// Runs
//===----------------------------------------------------------------------===//

Run RowTerms::regroup(const Run &run, int64_t extent) {
  Run result = run;
  result.extent = extent;
  if (run.extent == extent || (!run.outer && extent % run.extent == 0))
    return result;
  Value flat = flatIndex(run);
  result.outer = k.div(flat, extent);
  result.inner = k.rem(flat, extent);
  return result;
}

Value RowTerms::readBroadcast(BroadcastOp op, Role role, const Run &run) {
  Spread spread = *spreadOf(op, role);
  Term operand{op.getX(), spread.role};
  if (spread.size == 1)
    return read(operand, {{}, {}, 1, 1, true});
  if (spread.repeat == 1) {
    Run part = regroup(run, spread.size);
    part.outer = {};
    return read(operand, part);
  }
  Value group = regroup(run, spread.repeat).outer;
  if (!group)
    group = k.index(0);
  if (spread.size * spread.repeat != sizeOf({op.getResult(), role}))
    group = k.rem(group, spread.size);
  return read(operand, {{}, group, spread.size, 1, true});
}

Value RowTerms::readSlice(SliceOp op, Role role, const Run &run) {
  Window window = windowOf(op);
  Run part = regroup(run, window.count);
  part.extent = window.from;
  part.inner = k.add(part.inner ? part.inner : k.index(0), window.offset);
  return read({op.getX(), role}, part);
}

Value RowTerms::readNormalised(const Normalised &form, const Run &run) {
  Value group = regroup(run, form.group).outer;
  auto numberOf = [&](const Statistic &statistic) {
    return statistic.splat ? statistic.splat
                           : readPlace(statistic.place, {{}, group, 1, 1, /*isSplat=*/true});
  };
  Value x = form.source ? readPlace(*form.source, run) : read(form.operand, run);
  if (form.shift)
    x = k.sub(x, numberOf(*form.shift));
  return k.mul(x, numberOf(form.scale));
}

int64_t RowTerms::granuleOf(Term term, int64_t extent) const {
  Granules known;
  return granuleOf(term, extent, known);
}

int64_t RowTerms::granuleOf(Term term, int64_t extent, Granules &known) const {
  auto place = std::make_pair(key(term), extent);
  if (auto found = known.find(place); found != known.end())
    return found->second;
  int64_t granule = computeGranule(term, extent, known);
  known[place] = granule;
  return granule;
}

int64_t RowTerms::computeGranule(Term term, int64_t extent, Granules &known) const {
  auto [value, role] = term;
  Operation *op = value.getDefiningOp();
  if (isAtHand(term) || !op)
    return extent;
  if (auto form = normalised.find(key(term)); form != normalised.end()) {
    int64_t granule = std::gcd(extent, form->second.group);
    return form->second.source ? granule : granuleOf(form->second.operand, granule, known);
  }
  if (auto broadcast = dyn_cast<BroadcastOp>(op)) {
    Spread spread = *spreadOf(broadcast, role);
    if (spread.size == 1)
      return extent;
    if (spread.repeat != 1)
      return std::gcd(extent, spread.repeat);
    return granuleOf({broadcast.getX(), spread.role}, std::gcd(extent, spread.size), known);
  }
  if (auto slice = dyn_cast<SliceOp>(op)) {
    Window window = windowOf(slice);
    int64_t inner = granuleOf({slice.getX(), role}, window.from, known);
    int64_t granule = std::gcd(extent, window.count);
    return inner == window.from ? granule : std::gcd(granule, std::gcd(inner, window.offset));
  }
  for (Value operand : op->getOperands())
    extent = granuleOf(operandTerm(operand, role), extent, known);
  return extent;
}

bool RowTerms::isAtHand(Term term) const {
  return isa<BlockArgument>(term.first) || term.first.getDefiningOp<ConstantOp>() ||
         term.first.getDefiningOp<GatherOp>() || places.contains(key(term)) ||
         splats.contains(key(term));
}

bool RowTerms::isCostly(Term term) const {
  llvm::DenseSet<Key> seen;
  return isCostly(term, seen);
}

/// What was seen before was not costly, else nobody would go on.
bool RowTerms::isCostly(Term term, llvm::DenseSet<Key> &seen) const {
  auto [value, role] = term;
  if (!seen.insert(key(term)).second || isAtHand(term) || normalised.contains(key(term)))
    return false;
  Operation *op = value.getDefiningOp();
  if (auto broadcast = dyn_cast<BroadcastOp>(op))
    return isCostly({broadcast.getX(), spreadOf(broadcast, role)->role}, seen);
  bool isCheap =
      isa<AddOp, SubOp, MulOp, NegOp, AbsOp, SquareOp, ReluOp, MaximumOp, MinimumOp, LtOp, LeOp,
          EqOp, AndOp, OrOp, NotOp, RintOp, WhereOp, CastOp, ReshapeOp, SliceOp>(op);
  return !isCheap || llvm::any_of(op->getOperands(), [&](Value operand) {
    return isCostly(operandTerm(operand, role), seen);
  });
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

static bool isSame(const Run &a, const Run &b) {
  return a.outer == b.outer && a.inner == b.inner && a.extent == b.extent && a.live == b.live &&
         a.isSplat == b.isSplat;
}

Value RowTerms::read(Term term, const Run &run) {
  if (Value splat = splats.lookup(key(term)))
    return splat;
  for (const Computed &known : computed)
    if (known.key == key(term) && isSame(known.run, run))
      return known.value;
  Value value = compute(term, run);
  computed.push_back({key(term), run, value});
  return value;
}

Value RowTerms::compute(Term term, const Run &run) {
  auto [value, role] = term;
  if (const Place *place = placeOf(term))
    return readPlace(*place, run);
  if (auto form = normalised.find(key(term)); form != normalised.end())
    return readNormalised(form->second, run);
  if (tensorOf(value).getRank() == 0 && (!run.isSplat || run.inner))
    return read(term, {{}, {}, 1, 1, true});
  if (auto argument = dyn_cast<BlockArgument>(value))
    return readInput(argument, role, run);
  Operation *op = value.getDefiningOp();
  auto operand = [&](unsigned i) { return read(operandTerm(op->getOperand(i), role), run); };
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case([&](ConstantOp constant) { return readConstant(constant, run); })
      .Case([&](GatherOp gather) { return readGather(gather, run); })
      .Case([&](BroadcastOp broadcast) { return readBroadcast(broadcast, role, run); })
      .Case([&](SliceOp slice) { return readSlice(slice, role, run); })
      .Case([&](ReshapeOp reshape) { return read({reshape.getX(), role}, run); })
      .Case([&](CastOp cast) {
        return convert(k, operand(0), tensorOf(cast.getResult()).getElementType());
      })
      .Case([&](WhereOp) {
        Value condition = truth(k, operand(0)), yes = operand(1);
        return k.select(condition, yes, operand(2));
      })
      .Default([&](Operation *) {
        Value x = operand(0);
        return op->getNumOperands() == 1 ? applyUnary(k, op, x) : applyBinary(k, op, x, operand(1));
      });
}

} // namespace tern::cpu
