// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/command/CommandLine.h"
#include "tools/tern-explain/CheckProof.h"
#include "tools/tern-explain/ExplainCosts.h"

using namespace tern;

int main(int argc, char **argv) {
  command::Application app("Explains what the compiler did.", argc, argv);
  std::string file, format = "text";
  std::vector<std::string> rulesFiles;
  bool checks = false, costs = false;
  app.add_option("FILE", file, "artefact; of --check a proof, too")->required();
  CLI::Option_group *questions = app.add_option_group("What is asked", "one of these");
  questions->add_flag("--check", checks, "check the proof");
  questions->add_flag("--costs", costs,
                      "what was decided by cost: times before and after, choices");
  questions->require_option(1);
  app.add_option("--rules-file", rulesFiles, "file of more laws, as for tern-compile; repeatable")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_option("--format", format, "text or json")->check(CLI::IsMember({"text", "json"}));
  return app.run([&] {
    auto refuse = [&](const char *option, bool isOfQuestion) {
      if (!isOfQuestion && app.count(option) != 0)
        throw command::UserError(std::string(option) + ": has no effect on what is asked");
    };
    refuse("--rules-file", checks);
    refuse("--format", costs);
    checks ? checkProof(file, rulesFiles) : explainCosts(file, format);
    return command::exitcode::done;
  });
}
