// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/Epilogue.h"

#include "passes/CPU/Record.h"

using namespace mlir;

namespace tern::cpu {

EpilogueWriter::EpilogueWriter(DispatchOp dispatch, Value root, llvm::ArrayRef<Layout> layouts,
                               StringRef name, ModuleOp module)
    : dispatch(dispatch), root(root), layouts(layouts), name(name), module(module) {
  for (Operation *user : root.getUsers())
    if (auto slice = dyn_cast<SliceOp>(user))
      (slice.getOffset() == 0 ? first : second) = slice;
}

void EpilogueWriter::operator()(KernelBuilder &kernel, const OutputVector &output) {
  RowTerms terms(kernel, dispatch, layouts, name, module);
  // Rows of several axes lie in a row of the first one.
  auto type = cast<RankedTensorType>(root.getType());
  int64_t choices = type.getRank() == 3 ? type.getDimSize(1) : 1;
  terms.beginTile(choices == 1 ? output.row : kernel.div(output.row, choices));
  Run run;
  if (readsHalves()) {
    terms.setSplat({first, Role::Row}, output.sums);
    terms.setSplat({second, Role::Row}, output.ofSecond);
    type = first.getType();
  } else {
    terms.setSplat({root, Role::Row}, output.sums);
  }
  if (choices != 1)
    run.outer = kernel.rem(output.row, choices);
  run.inner = output.column;
  run.extent = type.getShape().back();
  run.live = output.live;
  Operation *yield = dispatch.getBody().front().getTerminator();
  for (auto [i, value] : llvm::enumerate(yield->getOperands())) {
    bool isOther = value != root && value.getDefiningOp() == root.getDefiningOp();
    if (auto quantise = value.getDefiningOp<QuantiseOp>())
      addToRecord(kernel, terms, quantise, terms.resultPlace(i), run);
    else if (!isOther)
      terms.write(terms.read({value, Role::Row}, run), terms.resultPlace(i), run);
  }
}

/// The vectors of a record come one after the other; the last one writes it.
void EpilogueWriter::addToRecord(KernelBuilder &kernel, RowTerms &terms, QuantiseOp op, Place place,
                                 Run run) {
  numbers.push_back(terms.read({op.getX(), Role::Row}, run));
  if (static_cast<int64_t>(numbers.size()) * kernel.lanes() < kRecordNumbers)
    return;
  Value record = kernel.div(terms.flatIndex(run), kRecordNumbers);
  storeRecord(kernel, numbers, kernel.address(place.base, kernel.mul(record, kRecordBytes)),
              correctionNamed(op.getCorrection()));
  numbers.clear();
}

} // namespace tern::cpu
