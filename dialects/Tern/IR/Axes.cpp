// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/Tern/IR/Axes.h"

#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace tern {

static bool checkPart(StringRef part, std::string &why) {
  for (size_t i = 0; i < part.size(); ++i) {
    if (part[i] < 'a' || part[i] > 'z') {
      why = "axes are named by the letters a to z, found '" + part.substr(i, 1).str() + "'";
      return false;
    }
    if (part.find(part[i], i + 1) != StringRef::npos) {
      why = "axis '" + part.substr(i, 1).str() + "' stands twice in '" + part.str() + "'";
      return false;
    }
  }
  return true;
}

FailureOr<Axes> Axes::parse(StringRef text, std::string &why) {
  Axes axes;
  auto [head, along] = text.split('/');
  auto [operands, result] = head.split("->");
  axes.along = along.str();
  SmallVector<StringRef, 2> parts;
  operands.split(parts, ',');
  for (StringRef part : parts)
    axes.operands.push_back(part.str());
  bool hasArrow = head.contains("->");
  axes.result = hasArrow ? result.str() : parts.front().str();
  if (!hasArrow && (parts.size() != 1 || !text.contains('/'))) {
    why = "expected letters with '->' or '/', found \"" + text.str() + "\"";
    return failure();
  }
  for (StringRef part : parts)
    if (!checkPart(part, why))
      return failure();
  if (!checkPart(axes.result, why) || !checkPart(axes.along, why))
    return failure();
  for (char letter : axes.along)
    if (!StringRef(axes.result).contains(letter)) {
      why = std::string("axis '") + letter + "' after the slash is not one of \"" + axes.result +
            "\"";
      return failure();
    }
  return axes;
}

std::string Axes::canonical() const {
  std::string seen;
  auto rename = [&](StringRef part) {
    std::string renamed;
    for (char letter : part) {
      size_t at = seen.find(letter);
      if (at == std::string::npos) {
        at = seen.size();
        seen += letter;
      }
      renamed += static_cast<char>('a' + at);
    }
    return renamed;
  };
  std::string text;
  for (auto [i, operand] : llvm::enumerate(operands))
    text += (i == 0 ? "" : ",") + rename(operand);
  if (!along.empty())
    return text + "/" + rename(along);
  return text + "->" + rename(result);
}

std::string Axes::summed() const {
  std::string letters;
  for (const std::string &operand : operands)
    for (char letter : operand)
      if (!StringRef(result).contains(letter) && !StringRef(letters).contains(letter))
        letters += letter;
  return letters;
}

} // namespace tern
