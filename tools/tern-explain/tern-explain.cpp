// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/command/CommandLine.h"
#include "tools/command/TextFile.h"
#include "tools/tern-explain/BisectRules.h"
#include "tools/tern-explain/CheckProof.h"
#include "tools/tern-explain/ExplainCosts.h"
#include "tools/tern-explain/Page.h"
#include "tools/tern-explain/ShowBadges.h"
#include "tools/tern-explain/Why.h"
#include "tools/tern-explain/WhyNot.h"

#include <iostream>
#include <nlohmann/json.hpp>

using namespace tern;
using command::CompileOptions;

namespace {

struct ExplainOptions {
  std::string format = "text", why, html;
  Request request; ///< its model is what is asked about
  bool checks = false, costs = false, badges = false, bisects = false;

  bool compiles() const { return !why.empty() || !request.whyNot.empty() || bisects; }
};

} // namespace

static void show(const std::string &format, const nlohmann::ordered_json &answer,
                 const std::string &text) {
  std::cout << (format == "json" ? answer.dump(2) + "\n" : text);
}

/// Answers that need the model's terms.
static void explainModel(ExplainOptions options) {
  std::string question = options.bisects        ? "--bisect-rules"
                         : !options.why.empty() ? "--why"
                                                : "--why-not";
  if (options.request.compile.rules == "none")
    throw command::UserError(question +
                             ": has no effect beside --rules=none, with which no law is tried");
  if (question != "--why")
    options.request.refuseClassic(question);
  if (!options.request.compile.decisions.empty())
    options.request.refuseClassic("--decisions");
  if (options.bisects) {
    nlohmann::ordered_json answer = bisectRules(options.request);
    return show(options.format, answer, printBisected(answer));
  }
  options.request.compile.compileTo = "plan";
  if (!options.request.whyNot.empty()) {
    options.request.whyNot = readPair(options.request.whyNot);
    Explained explained(options.request);
    nlohmann::ordered_json answer = explainWhyNot(explained, options.request);
    return show(options.format, answer, printWhyNot(answer));
  }
  if (!options.html.empty())
    command::checkWritable(options.html);
  Explained explained(options.request);
  nlohmann::ordered_json answers = explainWhy(explained, options.request, options.why);
  if (!options.html.empty())
    return command::writeText(options.html, makePage("Why " + options.why + "?", answers));
  show(options.format, answers, printWhy(answers));
}

static int explain(const command::Application &app, const ExplainOptions &options) {
  auto refuse = [&](const char *option, bool hasEffect) {
    if (!hasEffect && app.count(option) != 0)
      throw command::UserError(std::string(option) + ": has no effect on what is asked");
  };
  const std::vector<std::string> &rulesFiles = options.request.compile.rulesFiles;
  const std::string &file = options.request.model;
  if (!options.compiles()) {
    refuse("--weights", false);
    for (const std::string &word : command::givenOptions(app, std::array{CompileOptions::group}))
      refuse(word.substr(0, word.find('=')).c_str(),
             word.starts_with("--rules-file=") && (options.checks || options.badges));
  }
  for (const std::string &word :
       command::givenOptions(app, std::array{command::FunctionOptions::group}))
    refuse(word.substr(0, word.find('=')).c_str(),
           options.bisects || (options.compiles() && word.starts_with("--function=")));
  refuse("--html", !options.why.empty());
  refuse("--format", options.html.empty());
  refuse("FILE", !options.badges);
  if (options.badges)
    return showBadges(rulesFiles, options.format);
  if (file.empty())
    throw command::UserError("expected a FILE, found none");
  if (options.compiles())
    explainModel(options);
  else
    options.checks ? checkProof(file, rulesFiles, options.format)
                   : explainCosts(file, options.format);
  return command::exitcode::done;
}

int main(int argc, char **argv) {
  command::Application app("Explains what the compiler did.", argc, argv);
  ExplainOptions options;
  app.add_option("FILE", options.request.model,
                 "artefact, of --check a proof, too; of --why a model as for tern-compile");
  CLI::Option_group *questions = app.add_option_group("What is asked", "one of these");
  questions->add_flag("--check", options.checks, "check the proof");
  questions->add_flag("--costs", options.costs,
                      "what was decided by cost: times before and after, choices");
  questions->add_flag("--badges", options.badges,
                      "what is known of the truth of each law, or of those of --rules-file alone: "
                      "proved for all sizes, or tested");
  questions
      ->add_option("--why", options.why,
                   "by which laws a kernel, or each term of an operation, was made of what was "
                   "written, where that is, and what both cost")
      ->type_name("KERNEL");
  questions
      ->add_option("--why-not", options.request.whyNot,
                   "what keeps the laws that have both operations on their left sides from being "
                   "used: where that breaks, a condition, a limit, or the cost")
      ->type_name("A+B");
  questions->add_flag("--bisect-rules", options.bisects,
                      "the first application of a law after which a result of --function leaves "
                      "its tolerance, by the references of operations");
  questions->require_option(1);
  options.request.function.addTo(app);
  options.request.addCompilationTo(app);
  app.add_option("--html", options.html,
                 "file for the answer of --why as a page: the chosen terms beside the written ones")
      ->type_name("FILE");
  app.add_option("--format", options.format, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  return app.run([&] { return explain(app, options); });
}
