// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_CLASSIC_EXPLANATION_H
#define TERN_PASSES_SATURATE_CLASSIC_EXPLANATION_H

#include "passes/Saturate/Classic/Graph.h"

#include <map>

namespace tern::saturate::classic {

/// Why terms were replaced: a list of applications, each the instances of a law's two sides, which
/// all users of the one had replaced by the other.
class Explanation {
public:
  /// The node is one side of the law, the result the other one; `isBack`: the right and the left.
  void apply(uint32_t node, uint32_t result, const std::string &law, bool isBack);
  /// What was applied since the last time is replaced at once.
  void replace();

  /// The proof that the roots `before` equal what they became.
  egraph::Proof write(Graph &graph, llvm::ArrayRef<uint32_t> before) const;

private:
  struct Application {
    uint32_t result;
    std::string law;
    bool isBack;
  };
  using Applications = std::map<uint32_t, Application>; ///< by node

  Applications current;
  std::vector<Applications> all;
};

} // namespace tern::saturate::classic

#endif
