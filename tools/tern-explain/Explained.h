// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_EXPLAIN_EXPLAINED_H
#define TERN_TOOLS_TERN_EXPLAIN_EXPLAINED_H

#include "passes/Saturate/Explanation.h"
#include "tools/tern-compile/Request.h"

#include <map>

namespace tern {

/// Chosen terms of one function.
struct Subject {
  std::string name; ///< of a kernel, or of an operation
  const saturate::Explanation *explanation;
  std::vector<uint32_t> terms; ///< of the explanation's proof
};

/// What was compiled, with what the compiler knows of it.
class Explained {
public:
  /// Compiles the model to a plan. Throws UserError.
  explicit Explained(const Request &request);

  const std::vector<saturate::Explanation> &explanations() const { return all; }
  /// The kernel of that name, or each chosen term of that operation. Throws UserError if there is
  /// none; `option` asked for it.
  std::vector<Subject> find(const std::string &option, const std::string &name) const;

private:
  std::vector<std::string> names() const;

  std::vector<saturate::Explanation> all;
  std::map<std::string, Subject> kernels;
};

/// Up to four of these names, the most similar ones first, as `'a', 'b' or 'c'`.
std::string nearest(const std::string &name, std::vector<std::string> names);

/// `(contract %x (weight w) ab,cb->ac)`, cut off below `depth` operations.
std::string print(const saturate::Explanation &explanation, uint32_t term, unsigned depth = 3);

} // namespace tern

#endif
