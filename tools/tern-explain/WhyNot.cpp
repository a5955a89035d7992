// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/WhyNot.h"

#include "dialects/Tern/IR/Tern.h"
#include "tools/tern-explain/LawTexts.h"

#include "mlir/IR/MLIRContext.h"

#include <nlohmann/json.hpp>

namespace tern {

using command::UserError;
using nlohmann::ordered_json;

/// Laws of a function that people are shown; the others are farther away.
static constexpr size_t kShown = 5;

static std::string readOperation(const std::string &name, const std::string &option) {
  mlir::MLIRContext context;
  context.loadDialect<TernDialect>();
  std::vector<std::string> names;
  for (mlir::RegisteredOperationName op : context.getRegisteredOperations())
    if (op.getStringRef().starts_with("tern.") && op.hasInterface<TermOpInterface>())
      names.push_back(op.getStringRef().drop_front(5).str());
  std::string own = name.starts_with("tern.") ? name.substr(5) : name;
  if (!llvm::is_contained(names, own))
    throw UserError(option + ": expected an operation such as " + nearest(own, names) +
                    ", found '" + name + "'");
  return "tern." + own;
}

std::string readPair(const std::string &text) {
  std::string option = "--why-not=" + text;
  size_t plus = text.find('+');
  if (plus == std::string::npos)
    throw UserError(option + ": expected two operations, such as rms_norm+contract, found one");
  return readOperation(text.substr(0, plus), option) + "+" +
         readOperation(text.substr(plus + 1), option);
}

static ordered_json describe(const egraph::Obstacle &obstacle,
                             const std::vector<std::string> &places,
                             const std::map<std::string, law::Law> &laws) {
  std::string name(obstacle.law);
  bool isBack = !laws.contains(name) && name.ends_with("-back");
  if (isBack)
    name.resize(name.size() - 5);
  ordered_json json{{"law", name}, {"backwards", isBack}};
  if (auto at = laws.find(name); at != laws.end()) {
    json["rule"] = at->second.file + ":" + std::to_string(at->second.line);
    json["why"] = at->second.why;
  }
  json["kind"] = std::string(obstacle.kind);
  json["term"] = std::string(obstacle.place);
  json["places"] = places;
  json["fitted"] = obstacle.fitted;
  json["operations"] = obstacle.all;
  json["expected"] = std::string(obstacle.expected);
  json["found"] = std::string(obstacle.found);
  json["seconds"] = obstacle.seconds;
  json["sentence"] = saturate::sentenceOf(obstacle);
  return json;
}

ordered_json explainWhyNot(const Explained &explained, const Request &request) {
  std::map<std::string, law::Law> laws = readLaws(request.compile.rulesFiles);
  ordered_json answer{{"operations", request.whyNot}, {"functions", ordered_json::array()}};
  for (const saturate::Explanation &explanation : explained.explanations()) {
    ordered_json function{{"function", explanation.function},
                          {"stop", std::string(explanation.report.stop)},
                          {"laws", ordered_json::array()}};
    if (explanation.report.why_not.empty())
      function["none"] = std::string(explanation.report.why_none);
    for (auto [obstacle, places] :
         llvm::zip_equal(explanation.report.why_not, explanation.obstaclePlaces))
      function["laws"].push_back(describe(obstacle, places, laws));
    answer["functions"].push_back(function);
  }
  return answer;
}

std::string printWhyNot(const ordered_json &answer) {
  std::string text;
  llvm::raw_string_ostream os(text);
  for (const ordered_json &function : answer.at("functions")) {
    const ordered_json &laws = function.at("laws");
    os << "@" << function.at("function").get<std::string>() << ": ";
    if (laws.empty()) {
      os << function.at("none").get<std::string>() << "\n";
      continue;
    }
    os << laws.size() << " law" << (laws.size() == 1 ? "" : "s")
       << " with both operations on the left side, the nearest first\n";
    for (const ordered_json &law : laws) {
      if (&law == &laws[0] + kShown) {
        os << "  and " << laws.size() - kShown << " more (--format=json)\n";
        break;
      }
      os << "  " << law.at("law").get<std::string>()
         << (law.at("backwards").get<bool>() ? ", backwards" : "");
      if (law.contains("rule"))
        os << " (" << law.at("rule").get<std::string>()
           << "): " << law.at("why").get<std::string>();
      os << "\n    at " << law.at("term").get<std::string>();
      for (const ordered_json &place : law.at("places"))
        os << "  at " << place.get<std::string>();
      os << "\n    " << law.at("sentence").get<std::string>() << "\n";
    }
  }
  return text;
}

} // namespace tern
