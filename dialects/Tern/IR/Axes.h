// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_DIALECTS_TERN_IR_AXES_H
#define TERN_DIALECTS_TERN_IR_AXES_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/LogicalResult.h"

#include <string>

namespace tern {

/// The letters of an operation on axes: "tk,nk->tn" has the operands "tk" and "nk" and the result
/// "tn"; "ts/s" has the operand "ts", the result "ts" and works along "s".
struct Axes {
  llvm::SmallVector<std::string, 2> operands;
  std::string result;
  std::string along;

  /// Reads `text`; fails with a sentence in `why` unless all letters are lower case and those of
  /// each part differ.
  static llvm::FailureOr<Axes> parse(llvm::StringRef text, std::string &why);

  /// The same letters renamed a, b, c... in the order of their first appearance, so that equal
  /// meanings have equal texts.
  std::string canonical() const;

  /// The letters that some operand has and the result lacks, in order of appearance.
  std::string summed() const;
};

} // namespace tern

#endif
