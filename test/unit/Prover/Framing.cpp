// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/unit/Prover/Rules.h"

#include <algorithm>

namespace tern::prover {
namespace {

class Framing {
public:
  explicit Framing(law::Law &law) : law(law), front(law::Dim(law.dims.size())) {
    law.dims.push_back({"frame", std::nullopt});
    for (law::Variable &v : law.variables)
      if (!v.letters.empty())
        put(v.letters);
  }

  /// Whether the term has the axis now: all have, but for numbers and variables of rank 0.
  bool frame(law::Term &t) {
    if (t.sort == law::Term::Sort::Variable)
      return !law.variables[t.variable].letters.empty();
    if (t.sort != law::Term::Sort::Operation)
      return false;
    bool isFramed = !t.string.result.empty() && law::infoOf(t.op).form == law::Form::String;
    for (size_t i = 0; i < t.operands.size(); ++i) {
      bool has = frame(t.operands[i]);
      isFramed |= has;
      if (has && i < t.string.operands.size())
        put(t.string.operands[i]);
    }
    if (isFramed && law::infoOf(t.op).form == law::Form::String)
      put(t.string.result);
    return isFramed;
  }

private:
  void put(law::Letters &letters) { letters.insert(letters.begin(), front); }

  law::Law &law;
  law::Dim front;
};

} // namespace

law::Law frame(const law::Law &law) {
  law::Law framed = law;
  Framing framing(framed);
  framing.frame(framed.lhs);
  framing.frame(framed.rhs);
  return framed;
}

} // namespace tern::prover
