// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/check/Strings.h"

#include "tools/tern-explain/check/Refusal.h"

namespace tern::check {

Letters lacking(const Letters &some, const Letters &others) {
  Letters found;
  std::ranges::copy_if(some, std::back_inserter(found),
                       [&](int letter) { return !contains(others, letter); });
  return found;
}

Letters Strings::summed() const {
  Letters all;
  for (const Letters &operand : operands)
    for (int letter : lacking(lacking(operand, result), all))
      all.push_back(letter);
  return all;
}

void Strings::spreadAll() {
  spread.clear();
  for (const Letters &operand : operands)
    spread.push_back(lacking(result, operand));
}

std::vector<std::string_view> split(std::string_view text, std::string_view at) {
  std::vector<std::string_view> parts;
  for (size_t begin = 0;;) {
    size_t end = text.find_first_of(at, begin);
    parts.push_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos)
      return parts;
    begin = end + 1;
  }
}

bool isOneOf(std::string_view name, std::string_view names) {
  return contains(split(names, " "), name);
}

std::string_view plainName(std::string_view operation) {
  return operation.starts_with("tern.") ? operation.substr(5) : operation;
}

Strings parseStrings(std::string_view text, const std::function<int(char)> &letter) {
  auto read = [&](std::string_view part) {
    Letters letters;
    for (char each : part) {
      expect(!contains(letters, letter(each)), "'", text, "' has one letter twice");
      letters.push_back(letter(each));
    }
    return letters;
  };
  Strings strings;
  size_t arrow = text.find("->"), slash = text.find('/');
  for (std::string_view operand : split(text.substr(0, std::min(arrow, slash)), ","))
    strings.operands.push_back(read(operand));
  if (slash != std::string_view::npos) {
    strings.result = strings.operands[0];
    strings.marks.push_back(read(text.substr(slash + 1)));
  } else if (arrow != std::string_view::npos) {
    strings.result = read(text.substr(arrow + 2));
  }
  return strings;
}

} // namespace tern::check
