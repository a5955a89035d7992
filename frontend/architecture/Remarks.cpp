// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/architecture/Remarks.h"

#include "frontend/architecture/Families.h"
#include "frontend/checkpoint/QuantisedWeight.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

namespace tern::architecture {

using checkpoint::ExpectedTensor;
using checkpoint::HeldForm;

namespace {

/// How a weight in parts is held; nothing for one that is stored as it is.
std::optional<HeldForm> formOf(const Checkpoint &checkpoint, const ModelConfig &config,
                               const ExpectedTensor &tensor) {
  auto weight = findQuantised(checkpoint, config.quantisation, tensor);
  if (!weight || !*weight)
    return std::nullopt;
  int64_t in = tensor.shape[tensor.isTransposed ? 0 : 1];
  return heldForm(checkpoint, **weight, in, !tensor.isStacked);
}

/// The name of an expert's tensor without its expert, the last number between dots.
std::string stackOf(const std::string &name) {
  for (size_t end = name.rfind('.'); end != std::string::npos && end > 0;) {
    size_t dot = name.rfind('.', end - 1);
    if (dot == std::string::npos)
      break;
    auto isDigit = [](unsigned char letter) { return std::isdigit(letter) != 0; };
    if (end > dot + 1 &&
        std::all_of(name.begin() + ptrdiff_t(dot) + 1, name.begin() + ptrdiff_t(end), isDigit))
      return name.substr(0, dot) + name.substr(end);
    end = dot;
  }
  return name;
}

} // namespace

std::vector<std::string> remarksOn(const Checkpoint &checkpoint, const ModelConfig &config) {
  std::vector<std::string> remarks;
  auto *binary = std::get_if<checkpoint::BinaryForm>(&config.linear);
  if (binary && binary->usesLookup)
    remarks.push_back("maps of layers: look-ups (lut_eval) keep a number for each byte of a weight "
                      "and row; without lut_eval weights are made once");
  const std::vector<ExpectedTensor> tensors = tensorsOf(config);
  // Of a weight as it would be held on its own.
  auto typeOf = [&](const ExpectedTensor &tensor) {
    std::optional<HeldForm> form = formOf(checkpoint, config, tensor);
    if (!form)
      return checkpoint.find(tensor.name)->typeName;
    return form->blocks.empty() ? "F32" : std::string(form->blocks);
  };
  std::map<std::string, std::set<std::string>> types; // of a stack
  for (const ExpectedTensor &tensor : tensors)
    if (tensor.isStacked)
      types[stackOf(tensor.name)].insert(typeOf(tensor));
  for (const ExpectedTensor &tensor : tensors) {
    std::optional<HeldForm> form = formOf(checkpoint, config, tensor);
    std::string reason = form ? form->reason : "";
    if (reason.empty() && tensor.isStacked && types.at(stackOf(tensor.name)).size() > 1 &&
        typeOf(tensor) != "F32")
      reason = "those of the other experts have other types";
    if (!reason.empty())
      remarks.push_back("weight " + checkpoint::quote(tensor.name) + ": is held in f32: " + reason);
  }
  return remarks;
}

} // namespace tern::architecture
