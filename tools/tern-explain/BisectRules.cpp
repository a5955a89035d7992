// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/BisectRules.h"

#include "tools/tern-compile/Compilation.h"
#include "tools/tern-compile/ReferenceFunction.h"

#include <nlohmann/json.hpp>

namespace tern {

using command::Tensor;
using command::UserError;

namespace {

/// One function with some of the applications of laws.
struct Trial {
  std::vector<Tensor> outputs;
  uint32_t unions = 0;
  std::string function, law, left, right; ///< of the last one
};

} // namespace

static Trial run(Request request, Stage stage, std::optional<uint32_t> unions) {
  request.maxUnions = unions;
  Compilation compilation(request);
  Trial trial;
  compilation.observe([&](const saturate::Explanation &explanation) {
    trial.unions += explanation.report.unions;
    const egraph::Report &report = explanation.report;
    if (report.last_law.empty())
      return;
    trial.function = explanation.function;
    trial.law = std::string(report.last_law);
    trial.left = std::string(report.last_left);
    trial.right = std::string(report.last_right);
  });
  compilation.advance(stage);
  trial.outputs = callByReference(compilation.module(), compilation.weights(), request.function,
                                  compilation.errors());
  return trial;
}

/// How the results leave their tolerance; empty if they do not.
static std::string complaintOf(const Trial &trial, const std::vector<Tensor> &expected,
                               double tolerance) {
  for (auto [i, output] : llvm::enumerate(trial.outputs))
    try {
      compareTensors("result " + std::to_string(i), output, expected[i], tolerance);
    } catch (const UserError &error) {
      return error.what();
    }
  return "";
}

nlohmann::ordered_json bisectRules(Request request) {
  if (!request.isModule() || request.function.function.empty())
    throw UserError("--bisect-rules: expected an .mlir file and --function=NAME, which is run");
  request.compile.compileTo = "saturate";
  std::vector<Tensor> expected;
  for (const std::string &text : request.function.expectedOutputs)
    expected.push_back(command::readTensor(text));
  if (expected.empty())
    expected = run(request, Stage::Import, 0).outputs;
  auto complaint = [&](const Trial &trial) {
    if (trial.outputs.size() != expected.size())
      throw UserError("@" + request.function.function + ": expected " +
                      std::to_string(expected.size()) + " results, found " +
                      std::to_string(trial.outputs.size()));
    return complaintOf(trial, expected, request.function.tolerance);
  };
  Trial all = run(request, Stage::Saturate, std::nullopt);
  if (complaint(all).empty())
    throw UserError(
        "--bisect-rules: expected results that leave their tolerance, found none after " +
        std::to_string(all.unions) + " applications of laws");
  if (std::string why = complaint(run(request, Stage::Saturate, 0)); !why.empty())
    throw UserError("--bisect-rules: expected results within their tolerance without laws, found " +
                    why);
  // With `good` applications they are within it, with `bad` ones not.
  uint32_t good = 0, bad = all.unions;
  while (bad - good > 1) {
    uint32_t middle = good + (bad - good) / 2;
    (complaint(run(request, Stage::Saturate, middle)).empty() ? good : bad) = middle;
  }
  Trial first = run(request, Stage::Saturate, bad);
  return {{"application", bad},           {"applications", all.unions},
          {"function", first.function},   {"law", first.law},
          {"from", first.left},           {"to", first.right},
          {"complaint", complaint(first)}};
}

std::string printBisected(const nlohmann::ordered_json &answer) {
  auto word = [&](const char *key) { return answer.at(key).get<std::string>(); };
  return "application " + answer.at("application").dump() + " of " +
         answer.at("applications").dump() +
         " is the first after which a result leaves its tolerance\n  @" + word("function") + ": " +
         "law '" + word("law") + "' from " + word("from") + " to " + word("to") + "\n  " +
         word("complaint") + "\n";
}

} // namespace tern
