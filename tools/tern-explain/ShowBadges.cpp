// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/ShowBadges.h"

#include "passes/Saturate/Badge/Badge.h"
#include "passes/Saturate/Trial/Trial.h"
#include "tools/command/CommandLine.h"
#include "tools/command/TextFile.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <array>
#include <iostream>
#include <nlohmann/json.hpp>

namespace tern {

using badge::Badge;
using nlohmann::ordered_json;

namespace {

struct Judged {
  law::Law law;
  Badge badge;
};

} // namespace

static size_t countOf(const std::vector<Judged> &all, Badge::Kind kind) {
  return std::ranges::count(all, kind, [](const Judged &own) { return own.badge.kind; });
}

static constexpr std::array kKinds = {Badge::Kind::Proved, Badge::Kind::Tested,
                                      Badge::Kind::Assumed, Badge::Kind::Refuted};

static ordered_json toJson(const std::vector<Judged> &all) {
  ordered_json answer{{"laws", ordered_json::array()}, {"counts", ordered_json::object()}};
  for (const auto &[law, badge] : all) {
    ordered_json own{{"law", law.name},
                     {"file", law.file},
                     {"line", law.line},
                     {"tier", law.tier == law::Tier::Bit ? "B" : "R"},
                     {"badge", nameOf(badge.kind)},
                     {"hash", badge.hash},
                     {"axioms", ordered_json::array()},
                     {"example", trial::exampleOf(law)}};
    for (size_t axiom = 0; axiom < badge.proof.axioms.size(); ++axiom)
      if (badge.proof.axioms.test(axiom))
        own["axioms"].push_back(nameOf(prover::Axiom(axiom)));
    if (badge.proof.isPartial)
      own["whereDefined"] = true;
    if (std::string error = complaint(law, badge); !error.empty())
      own["complaint"] = error;
    answer["laws"].push_back(std::move(own));
  }
  for (Badge::Kind kind : kKinds)
    answer["counts"][std::string(nameOf(kind))] = countOf(all, kind);
  return answer;
}

static void print(const std::vector<Judged> &all) {
  for (const auto &[law, badge] : all) {
    std::cout << print(law, badge) << "\n";
    if (!badge.proof.isProved())
      std::cout << "  not proved: " << badge.proof.refusal << "\n  left  " << badge.proof.left
                << "\n  right " << badge.proof.right << "\n";
  }
  for (Badge::Kind kind : kKinds)
    std::cout << countOf(all, kind) << " " << nameOf(kind)
              << (kind == Badge::Kind::Refuted ? "\n" : ", ");
}

int showBadges(const std::vector<std::string> &rulesFiles, const std::string &format) {
  std::vector<std::pair<std::string, std::string>> files;
  for (const std::string &path : rulesFiles)
    files.push_back({path, command::readText(path)});
  std::map<std::string, std::string> names;
  // What is asked about, or names that are taken.
  for (const auto &[name, text] : badge::shippedRules())
    if (rulesFiles.empty())
      files.push_back({name, text});
    else if (llvm::none_of(files, [&](const auto &own) { return own.second == text; }))
      law::readRules(name, text, names);
  std::vector<Judged> all;
  bool isRight = true;
  auto refuse = [&](const std::string &error) {
    command::report(error);
    isRight = false;
  };
  for (const auto &[path, text] : files) {
    law::RuleFile rules = law::readRules(path, text, names);
    for (const std::string &error : rules.errors)
      refuse(error);
    for (law::Law &law : rules.laws) {
      Badge badge = badge::badgeOf(law);
      if (std::string error = complaint(law, badge); !error.empty())
        refuse(error);
      all.push_back({std::move(law), std::move(badge)});
    }
  }
  if (format == "json")
    std::cout << toJson(all).dump(2) << "\n";
  else
    print(all);
  return isRight ? command::exitcode::done : command::exitcode::userError;
}

} // namespace tern
