// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_LAW_SEXP_H
#define TERN_PASSES_SATURATE_LAW_SEXP_H

#include <string>
#include <string_view>
#include <vector>

namespace tern::law {

/// A word, or a list in brackets.
struct Sexp {
  std::string word; ///< empty for a list
  std::vector<Sexp> list;
  bool isList() const { return word.empty(); }
};

/// Reads all expressions of a text, nested at most 64 deep. On failure says in `error` what was
/// expected and found, and returns none.
std::vector<Sexp> readSexps(std::string_view text, std::string &error);

/// At most 60 bytes of a text, quoted; what can't be printed is shown as `?`.
std::string quote(std::string_view text);

std::vector<std::string_view> words(std::string_view text);

} // namespace tern::law

#endif
