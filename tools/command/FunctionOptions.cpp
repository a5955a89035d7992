// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/command/FunctionOptions.h"

namespace tern::command {

void FunctionOptions::addTo(CLI::App &app) {
  std::string name(group);
  auto add = [&](const char *flag, auto &value, const char *help) {
    return app.add_option(flag, value, help)->group(name)->allow_extra_args(false);
  };
  add("--function", function, "the function to run")->type_name("NAME");
  add("--input", inputs, "an argument, in order; repeatable: F.npy, or 2x3xf32=1,2,3,4,5,6")
      ->type_name("TENSOR");
  add("--expected-output", expectedOutputs, "what a result is compared with, in order; repeatable")
      ->type_name("TENSOR");
  add("--expected-tolerance", tolerance,
      "largest difference, as a share of the largest number that is expected")
      ->check(number(0));
}

} // namespace tern::command
