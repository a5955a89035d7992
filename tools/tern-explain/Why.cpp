// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/Why.h"

#include "tools/tern-explain/Derivation.h"
#include "tools/tern-explain/LawTexts.h"

#include "llvm/Support/FormatVariadic.h"

#include <nlohmann/json.hpp>

namespace tern {

using llvm::formatv;
using nlohmann::ordered_json;
using saturate::Explanation;

/// A term with where it was written.
static ordered_json describe(const Explanation &explanation, uint32_t term) {
  ordered_json json{{"term", print(explanation, term)}};
  if (!explanation.terms[term].places.empty())
    json["places"] = explanation.terms[term].places;
  return json;
}

static ordered_json describeLaw(const Explanation &explanation, const Derivation &derivation,
                                const std::map<std::string, law::Law> &laws, uint32_t step) {
  const egraph::Step &own = explanation.proof.steps[step];
  std::string name(explanation.proof.laws[own.law]);
  ordered_json json{{"law", name}};
  // The engine may read what the tools' reader refuses.
  if (auto at = laws.find(name); at != laws.end()) {
    const law::Law &law = at->second;
    json["tier"] = law.tier == law::Tier::Bit ? "bit" : "real";
    json["rule"] = law.file + ":" + std::to_string(law.line);
    json["why"] = law.why;
  }
  json["backwards"] = own.reason == egraph::Reason::Back;
  json["from"] = print(explanation, own.left);
  json["to"] = print(explanation, own.right);
  ordered_json places = ordered_json::array();
  for (uint32_t term : derivation.replaced(step))
    for (const std::string &place : explanation.terms[term].places)
      places.push_back(place);
  json["places"] = places;
  return json;
}

/// What is drawn: an operation with its properties, or what one reads that is not drawn itself.
static ordered_json drawTerm(const Explanation &explanation, uint32_t term, bool isLeaf) {
  const Explanation::Term &own = explanation.terms[term];
  ordered_json json{{"id", term}, {"type", own.type}, {"leaf", isLeaf}};
  json["kids"] = ordered_json::array();
  if (isLeaf) {
    json["label"] = print(explanation, term, 1);
    return json;
  }
  std::string label = llvm::StringRef(own.name).substr(own.name.find('.') + 1).str();
  for (uint32_t kid : explanation.kidsOf(term))
    if (explanation.terms[kid].type.empty())
      label += " " + explanation.terms[kid].name;
    else
      json["kids"].push_back(kid);
  json["label"] = label;
  json["places"] = own.places;
  return json;
}

/// The terms that were written, or chosen, with their operands.
static ordered_json draw(const Explanation &explanation, llvm::ArrayRef<uint32_t> together,
                         std::optional<double> Explanation::Term::*seconds) {
  std::map<uint32_t, ordered_json> drawn;
  for (uint32_t term : together) {
    const Explanation::Term &own = explanation.terms[term];
    if (!(own.*seconds) || !own.label.empty())
      continue;
    drawn[term] = drawTerm(explanation, term, false);
    drawn[term]["seconds"] = *(own.*seconds);
    for (uint32_t kid : explanation.kidsOf(term))
      if (!explanation.terms[kid].type.empty())
        drawn.try_emplace(kid, drawTerm(explanation, kid, true));
  }
  ordered_json terms = ordered_json::array();
  for (auto &[term, json] : drawn)
    terms.push_back(std::move(json));
  return terms;
}

static ordered_json explainOne(const Subject &subject, llvm::ArrayRef<uint32_t> together,
                               const Derivation &derivation,
                               const std::map<std::string, law::Law> &laws) {
  const Explanation &explanation = *subject.explanation;
  ordered_json answer{{"name", subject.name}, {"function", explanation.function}};
  double own = 0, before = 0, after = 0;
  for (uint32_t term : subject.terms) {
    answer["terms"].push_back(print(explanation, term));
    own += explanation.terms[term].chosen.value_or(0);
  }
  ordered_json sources = ordered_json::array();
  for (uint32_t term : together) {
    before += explanation.terms[term].written.value_or(0);
    after += explanation.terms[term].chosen.value_or(0);
    if (explanation.terms[term].written && explanation.terms[term].label.empty())
      sources.push_back(describe(explanation, term));
  }
  answer["sources"] = sources;
  answer["graphs"] = {{"written", draw(explanation, together, &Explanation::Term::written)},
                      {"chosen", draw(explanation, together, &Explanation::Term::chosen)}};
  answer["seconds"] = {{"own", own}, {"written", before}, {"chosen", after}};
  answer["laws"] = ordered_json::array();
  for (uint32_t step : derivation.laws(together))
    answer["laws"].push_back(describeLaw(explanation, derivation, laws, step));
  return answer;
}

ordered_json explainWhy(const Explained &explained, const Request &request,
                        const std::string &name) {
  std::map<std::string, law::Law> laws = readLaws(request.compile.rulesFiles);
  std::map<const Explanation *, Derivation> derivations;
  // Terms that were rewritten together have one answer.
  std::vector<std::pair<Subject, std::vector<uint32_t>>> groups;
  for (const Subject &subject : explained.find("--why", name)) {
    auto at = derivations.try_emplace(subject.explanation, *subject.explanation).first;
    std::vector<uint32_t> together = at->second.together(subject.terms);
    auto known = llvm::find_if(groups, [&](const auto &group) {
      return group.first.explanation == subject.explanation && group.second == together;
    });
    if (known == groups.end())
      groups.emplace_back(subject, together);
    else
      llvm::append_range(known->first.terms, subject.terms);
  }
  ordered_json answers = ordered_json::array();
  for (const auto &[subject, together] : groups)
    answers.push_back(explainOne(subject, together, derivations.at(subject.explanation), laws));
  return answers;
}

static std::string placesOf(const ordered_json &json) {
  std::string text;
  for (const ordered_json &place : json.value("places", ordered_json::array()))
    text += (text.empty() ? "  at " : ", ") + place.get<std::string>();
  return text;
}

std::string printWhy(const ordered_json &answers) {
  std::string text;
  llvm::raw_string_ostream os(text);
  auto word = [](const ordered_json &json, const char *key) {
    return json.at(key).get<std::string>();
  };
  for (const ordered_json &answer : answers) {
    os << word(answer, "name") << " of @" << word(answer, "function") << "\n";
    for (const ordered_json &term : answer.at("terms"))
      os << "  " << term.get<std::string>() << "\n";
    const ordered_json &seconds = answer.at("seconds");
    os << formatv("takes {0:f3} us a step; what was rewritten with it {1:f3} us, {2:f3} us as it "
                  "was written:\n",
                  1e6 * seconds.at("own").get<double>(), 1e6 * seconds.at("chosen").get<double>(),
                  1e6 * seconds.at("written").get<double>());
    for (const ordered_json &source : answer.at("sources"))
      os << "  " << word(source, "term") << placesOf(source) << "\n";
    const ordered_json &laws = answer.at("laws");
    os << (laws.empty()
               ? "no law changed it\n"
               : formatv("by {0} step{1} of laws:\n", laws.size(), laws.size() == 1 ? "" : "s")
                     .str());
    for (const ordered_json &law : laws) {
      os << "  " << word(law, "law") << (law.at("backwards").get<bool>() ? ", backwards" : "");
      if (law.contains("rule"))
        os << " (" << word(law, "tier") << ", " << word(law, "rule") << "): " << word(law, "why");
      os << "\n    from " << word(law, "from") << placesOf(law) << "\n    to   " << word(law, "to")
         << "\n";
    }
  }
  return text;
}

} // namespace tern
