// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/Rotation.h"

using namespace mlir;

namespace tern::cpu {

/// Vectors of a head that are written out one after the other; more are visited by a loop.
static constexpr int64_t unrolled = 4;

Rotation::Rotation(RowTerms &terms, RotaryOp op)
    : terms(terms), k(terms.kernel()), op(op),
      headWidth(cast<RankedTensorType>(op.getX().getType()).getShape().back()),
      headCount(sizeOf({op.getX(), Role::Row}) / headWidth),
      planes(cast<RankedTensorType>(op.getCos().getType()).getDimSize(1)) {}

void Rotation::turn(Value head, const Place &place) {
  if (op.getStyle() == RotaryStyle::half)
    turnHalves(head, place);
  else
    turnNeighbours(head, place);
  copyRest(head, place);
}

Value Rotation::readHead(Value head, Value at, int64_t live) {
  return terms.read({op.getX(), Role::Row}, {head, at, width(), live});
}

void Rotation::write(Value vector, const Place &place, Value at, int64_t live) {
  terms.write(vector, place, {{}, at, width(), live});
}

void Rotation::forEachVector(int64_t extent, llvm::function_ref<void(Value, int64_t)> visit) {
  int64_t lanes = k.lanes(), full = extent / lanes, looped = full > unrolled ? full : 0;
  auto turn = [&](Value at, int64_t live) {
    terms.beginChunk();
    visit(at, live);
    terms.beginChunk();
  };
  if (ownVector) {
    k.loop(k.mul(ownVector, lanes), k.index(full * lanes), vectorStep * lanes,
           [&](Value at) { turn(at, lanes); });
    if (extent % lanes)
      k.when(k.compare(arith::CmpIPredicate::eq, ownVector, 0),
             [&] { turn(k.index(full * lanes), extent % lanes); });
    return;
  }
  if (looped)
    k.loop(k.index(0), k.index(looped * lanes), lanes, [&](Value at) { turn(at, lanes); });
  for (int64_t i = looped; i < full; ++i)
    turn(k.index(i * lanes), lanes);
  if (extent % lanes)
    turn(k.index(full * lanes), extent % lanes);
}

/// Planes (i, i + planes): (a cos - b sin, b cos + a sin).
void Rotation::turnHalves(Value head, const Place &place) {
  forEachVector(planes, [&](Value at, int64_t live) {
    Value second = k.add(at, planes);
    Value a = readHead(head, at, live), b = readHead(head, second, live);
    Run angles{{}, at, planes, live};
    Value cos = terms.read({op.getCos(), Role::Row}, angles);
    Value sin = terms.read({op.getSin(), Role::Row}, angles);
    write(k.sub(k.mul(a, cos), k.mul(b, sin)), place, at, live);
    write(k.add(k.mul(b, cos), k.mul(a, sin)), place, second, live);
  });
}

/// Planes (2i, 2i + 1), so that lane 2i takes its partner from lane 2i + 1 and back.
void Rotation::turnNeighbours(Value head, const Place &place) {
  llvm::SmallVector<int64_t> swap, twice;
  llvm::SmallVector<float> signs;
  for (int64_t lane = 0; lane < k.lanes(); ++lane) {
    swap.push_back(lane ^ 1);
    twice.push_back(lane / 2);
    signs.push_back(lane % 2 ? 1 : -1);
  }
  Value sign = arith::ConstantOp::create(
      k.builder(), DenseElementsAttr::get(k.vector(k.f32()), ArrayRef(signs)));
  forEachVector(2 * planes, [&](Value at, int64_t live) {
    Run angles{{}, k.div(at, 2), planes, live / 2};
    Value x = readHead(head, at, live);
    Value cos = terms.read({op.getCos(), Role::Row}, angles);
    Value sin = terms.read({op.getSin(), Role::Row}, angles);
    Value other = k.mul(k.shuffle(x, x, swap), sign);
    Value turned = k.mul(x, k.shuffle(cos, cos, twice));
    write(k.add(turned, k.mul(other, k.shuffle(sin, sin, twice))), place, at, live);
  });
}

void Rotation::copyRest(Value head, const Place &place) {
  forEachVector(width() - 2 * planes, [&](Value at, int64_t live) {
    Value own = k.add(at, 2 * planes);
    write(readHead(head, own, live), place, own, live);
  });
}

} // namespace tern::cpu
