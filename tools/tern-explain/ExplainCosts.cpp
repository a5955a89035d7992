// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/ExplainCosts.h"

#include "frontend/checkpoint/MappedFile.h"
#include "runtime/format/Container.h"
#include "tools/command/CommandLine.h"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <iostream>

namespace tern {

using command::UserError;
using nlohmann::ordered_json;

static std::string decisionsOf(const std::string &artefact) {
  auto file = checkpoint::MappedFile::open(artefact);
  if (!file)
    throw UserError(file.error().message);
  format::Container container;
  if (format::Error error = format::Container::read(file->bytes(), container))
    throw UserError(artefact + ": " + error.message());
  std::span<const std::byte> bytes;
  if (!container.find(format::section::decisions))
    throw UserError(artefact + ": expected decisions, found none: it was compiled without rules");
  if (format::Error error = container.section(format::section::decisions, bytes))
    throw UserError(artefact + ": " + error.message());
  return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

static void print(const ordered_json &decisions) {
  std::printf("us a step:   written     chosen   at least    gap\n");
  for (const auto &[name, seconds] : decisions.at("functions").items()) {
    double chosen = seconds.at("chosen"), bound = seconds.at("bound");
    std::printf("%10s %10.3f %10.3f %10.3f %5.2f %%\n", name.c_str(),
                1e6 * double(seconds.at("written")), 1e6 * chosen, 1e6 * bound,
                chosen > 0 ? 100 * (1 - bound / chosen) : 0);
  }
  for (const ordered_json &choice : decisions.value("choices", ordered_json::array()))
    std::printf("choice %s in @%s: %s\n", std::string(choice.at("name")).c_str(),
                std::string(choice.at("function")).c_str(),
                std::string(choice.at("chosen")).c_str());
  for (const char *part : {"machine", "use"}) {
    std::printf("%s:", part);
    for (const auto &[name, value] : decisions.at(part).items())
      std::printf(" %s %g", name.c_str(), double(value));
    std::printf("\n");
  }
}

void explainCosts(const std::string &artefact, const std::string &format) {
  std::string text = decisionsOf(artefact);
  try {
    ordered_json decisions = ordered_json::parse(text);
    if (format == "json")
      std::cout << decisions.dump(2) << "\n";
    else
      print(decisions);
  } catch (const ordered_json::exception &error) {
    throw UserError(artefact + ": expected decisions as tern-compile writes them: " + error.what());
  }
}

} // namespace tern
