// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/CheckProof.h"

#include "frontend/checkpoint/MappedFile.h"
#include "passes/Saturate/RuleTexts.h"
#include "runtime/format/Container.h"
#include "tools/command/CommandLine.h"
#include "tools/command/TextFile.h"
#include "tools/tern-explain/check/Check.h"

#include <iostream>
#include <nlohmann/json.hpp>

namespace tern {

using command::UserError;

/// The text of the file, or of the artefact's section.
static std::string readProof(const std::string &path) {
  auto file = checkpoint::MappedFile::open(path);
  if (!file)
    throw UserError(file.error().message);
  if (!file->text().starts_with(std::string_view(format::Header::expectedMagic, 8)))
    return std::string(file->text());
  format::Container container;
  std::span<const std::byte> section;
  format::Error error = format::Container::read(file->bytes(), container);
  if (!error)
    error = container.section(format::section::proof, section);
  if (error)
    throw UserError(path + ": " + error.message());
  if (section.empty())
    throw UserError(path + ": expected an artefact with a proof (tern-compile --embed-proof), "
                           "found one without");
  return {reinterpret_cast<const char *>(section.data()), section.size()};
}

void checkProof(const std::string &path, const std::vector<std::string> &rulesFiles,
                const std::string &format) {
  std::vector<check::RuleText> rules;
  for (auto &[name, text] : saturate::ruleTexts())
    rules.push_back({name, text});
  for (const std::string &file : rulesFiles)
    rules.push_back({file, command::readText(file)});
  check::Verdict verdict = check::check(readProof(path), rules);
  if (format == "json") {
    nlohmann::ordered_json answer{{"file", path}, {"accepted", verdict.isAccepted}};
    if (verdict.isAccepted)
      answer.update({{"functions", verdict.functions},
                     {"steps", verdict.steps},
                     {"laws", verdict.instances},
                     {"terms", verdict.terms}});
    else
      answer["reason"] = verdict.reason;
    std::cout << answer.dump(2) << "\n";
  }
  if (!verdict.isAccepted)
    throw UserError(path + ": the proof is refused: " + verdict.reason);
  if (format == "text")
    std::cout << path << ": " << verdict.functions
              << " functions are equal before and after: " << verdict.steps << " steps, "
              << verdict.instances << " of them by laws, over " << verdict.terms << " terms\n";
}

} // namespace tern
