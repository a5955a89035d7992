// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/unit/explain/ProofText.h"

#include "passes/Saturate/RuleTexts.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace tern::test {

std::vector<check::RuleText> shippedRules() {
  std::vector<check::RuleText> rules;
  for (auto &[name, text] : saturate::ruleTexts())
    rules.push_back({name, text});
  return rules;
}

check::Verdict checkBody(const std::string &rules, const std::string &body, const std::string &ends,
                         bool isBitOnly) {
  const std::string unknown(32, '0');
  std::string text = std::string("tern-proof 1\nrules ") + (isBitOnly ? "bit " : "real ") +
                     unknown + "\nfunction f\n" + body + "prove " + ends + " " + unknown +
                     "\nend\n";
  check::Verdict verdict;
  for (int hashes = 0; hashes < 3; ++hashes) {
    verdict = check::check(text, {{"test.rules", rules}});
    size_t at = verdict.reason.find("expected the hash ");
    if (at == std::string::npos)
      break;
    text.replace(text.find(unknown), 32, verdict.reason.substr(at + 18, 32));
  }
  return verdict;
}

static std::string run(const std::string &command, const std::string &path) {
  if (std::system(command.c_str()) != 0)
    throw std::runtime_error("failed: " + command);
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::string proofOf(const std::string &model, const std::string &rules, const std::string &import) {
  std::string path = TERN_PROOFS "/" + model + "-" + rules + "-" + import + ".proof";
  return run("'" TERN_COMPILE "' '" TERN_TEST_DATA "/models/" + model +
                 "' --compile-to=saturate --import=" + import + " --rules=" + rules + " --proof='" +
                 path + "' -o /dev/null",
             path);
}

std::string proofOfModule(const std::string &name, const std::string &rules) {
  std::string path = TERN_PROOFS "/" + name + ".mlir-" + rules + ".proof";
  return run("'" TERN_OPT "' '" TERN_SATURATE_TESTS "/" + name +
                 ".mlir' --tern-saturate='rules=" + rules + " proof=" + path + "' > /dev/null",
             path);
}

} // namespace tern::test
