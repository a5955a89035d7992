// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Law/Sexp.h"

namespace tern::law {

/// Nesting that no law needs; it keeps hostile texts off the stack's end.
static constexpr size_t kDeepest = 64;

static bool isSpace(char c) { return c == ' ' || c == '\t' || c == '\r'; }

std::vector<Sexp> readSexps(std::string_view text, std::string &error) {
  std::vector<std::vector<Sexp>> open(1);
  for (size_t i = 0; i < text.size();) {
    if (isSpace(text[i])) {
      ++i;
    } else if (text[i] == '(') {
      if (open.size() > kDeepest) {
        error = "expected at most 64 nested brackets, found more";
        return {};
      }
      open.emplace_back();
      ++i;
    } else if (text[i] == ')') {
      if (open.size() == 1) {
        error = "expected an opening bracket first, found ')'";
        return {};
      }
      Sexp list{"", std::move(open.back())};
      open.pop_back();
      open.back().push_back(std::move(list));
      ++i;
    } else {
      size_t end = i;
      while (end < text.size() && !isSpace(text[end]) && text[end] != '(' && text[end] != ')')
        ++end;
      open.back().push_back(Sexp{std::string(text.substr(i, end - i)), {}});
      i = end;
    }
  }
  if (open.size() > 1) {
    error = "expected ')', found the end of the line";
    return {};
  }
  return std::move(open.front());
}

std::string quote(std::string_view text) {
  constexpr size_t most = 60;
  std::string shown = "'";
  for (char c : text.substr(0, most))
    shown += c >= ' ' && c <= '~' ? c : '?';
  return shown + (text.size() > most ? "...'" : "'");
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> found;
  for (size_t i = 0; i < text.size();) {
    size_t end = i;
    while (end < text.size() && !isSpace(text[end]))
      ++end;
    if (end > i)
      found.push_back(text.substr(i, end - i));
    i = end + 1;
  }
  return found;
}

} // namespace tern::law
