// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/command/FunctionOptions.h"

namespace tern::command {

void FunctionOptions::addTo(CLI::App &app) {
  std::string name(group);
  auto add = [&](const char *flag, auto &value, const char *help) {
    return app.add_option(flag, value, help)->group(name)->allow_extra_args(false);
  };
  add("--function", function, "the function to run, or to compile alone")->type_name("NAME");
  add("--input", inputs, "an argument, in order; repeatable: F.npy, or 2x3xf32=1,2,3,4,5,6")
      ->type_name("TENSOR");
  add("--expected-output", expectedOutputs, "what a result is compared with, in order; repeatable")
      ->type_name("TENSOR");
  add("--expected-tolerance", tolerance,
      "largest difference, as a share of the largest number that is expected")
      ->check(number(0));
}

void FunctionOptions::check(const CLI::App &app, std::span<const std::string_view> others) const {
  auto nameOf = [](const std::string &word) { return word.substr(0, word.find('=')); };
  std::vector<std::string> own = givenOptions(app, {&group, 1});
  if (function.empty() && !own.empty())
    throw UserError(nameOf(own.front()) +
                    ": expected --function=NAME beside it, which says what to run");
  if (function.empty())
    return;
  if (std::vector<std::string> words = givenOptions(app, others); !words.empty())
    throw UserError(nameOf(words.front()) + ": has no effect beside --function");
  if (expectedOutputs.empty() && !app.get_option("--expected-tolerance")->empty())
    throw UserError("--expected-tolerance: expected --expected-output beside it");
}

} // namespace tern::command
