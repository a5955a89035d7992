// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_SCALARPLAN_H
#define TERN_PASSES_SATURATE_SCALARPLAN_H

#include "passes/Saturate/ScalarForms.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"

namespace tern::saturate {

/// How each sum that the roots need is written: as it is, with its most frequent factor taken out,
/// with all of them, or as a number times another sum. A form that several others need is computed
/// once, so what is best for one sum depends on the others: from the better of all as they are and
/// all factored, single sums change as long as there are fewer operations.
class ScalarPlan {
public:
  ScalarPlan(ScalarForms &forms, llvm::ArrayRef<ScalarForms::Id> roots);

  /// What the form is written from.
  llvm::ArrayRef<ScalarForms::Part> parts(ScalarForms::Id id) const;
  /// Operations of all that the roots need.
  int64_t operations() const { return total; }

private:
  using Id = ScalarForms::Id;
  using Parts = std::vector<ScalarForms::Part>;
  struct Use {
    unsigned count = 0;
    size_t option = 0;
    std::vector<Parts> options;
  };

  Use &useOf(Id id);
  int64_t operationsOf(Id id);
  /// One user more, or less, of a form and of what it alone needs.
  void acquire(Id root);
  void release(Id root);
  void choose(Id id, size_t option);
  void restart(size_t option);
  bool improve();

  ScalarForms &forms;
  llvm::SetVector<Id> roots;
  size_t first = 0;
  std::vector<Use> uses; ///< by form
  int64_t total = 0;
};

} // namespace tern::saturate

#endif
