// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/command/CommandLine.h"
#include "tools/tern-explain/CheckProof.h"
#include "tools/tern-explain/ExplainCosts.h"
#include "tools/tern-explain/ShowBadges.h"

using namespace tern;

namespace {

struct ExplainOptions {
  std::string file, format = "text";
  std::vector<std::string> rulesFiles;
  bool checks = false, costs = false, badges = false;
};

} // namespace

static int explain(const command::Application &app, const ExplainOptions &options) {
  auto refuse = [&](const char *option, bool hasEffect) {
    if (!hasEffect && app.count(option) != 0)
      throw command::UserError(std::string(option) + ": has no effect on what is asked");
  };
  refuse("--rules-file", options.checks || options.badges);
  refuse("--format", options.costs);
  refuse("FILE", !options.badges);
  if (options.badges)
    return showBadges(app, options.rulesFiles);
  if (options.file.empty())
    throw command::UserError("expected a FILE, found none");
  options.checks ? checkProof(options.file, options.rulesFiles)
                 : explainCosts(options.file, options.format);
  return command::exitcode::done;
}

int main(int argc, char **argv) {
  command::Application app("Explains what the compiler did.", argc, argv);
  ExplainOptions options;
  app.add_option("FILE", options.file, "artefact; of --check a proof, too");
  CLI::Option_group *questions = app.add_option_group("What is asked", "one of these");
  questions->add_flag("--check", options.checks, "check the proof");
  questions->add_flag("--costs", options.costs,
                      "what was decided by cost: times before and after, choices");
  questions->add_flag("--badges", options.badges,
                      "what is known of the truth of each law: proved for all sizes, or tested");
  questions->require_option(1);
  app.add_option("--rules-file", options.rulesFiles,
                 "file of more laws, as for tern-compile; of --badges these alone; repeatable")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_option("--format", options.format, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  return app.run([&] { return explain(app, options); });
}
