// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/Explained.h"

#include "dialects/Plan/IR/Plan.h"
#include "runtime/format/Container.h"
#include "tools/tern-compile/Compilation.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;

namespace tern {

using command::UserError;
using saturate::Explanation;

static bool isArtefact(const std::string &path) {
  auto file = checkpoint::MappedFile::open(path);
  return file && file->text().starts_with(std::string_view(format::Header::expectedMagic, 8));
}

Explained::Explained(const Request &request) {
  if (isArtefact(request.model))
    throw UserError(request.model + ": expected a model or an .mlir file, whose terms are asked " +
                    "for, found an artefact, which does not keep them");
  Compilation compilation(request);
  compilation.observe([&](Explanation explanation) { all.push_back(std::move(explanation)); });
  compilation.advance(Stage::Plan);
  std::map<std::string, const Explanation *, std::less<>> byName;
  for (const Explanation &explanation : all)
    byName[explanation.function] = &explanation;
  compilation.module().walk([&](plan::KernelOp kernel) {
    kernel.walk([&](Operation *op) {
      auto mark = saturate::markOf(op->getLoc());
      if (!mark || !isa<TermOpInterface>(op))
        return;
      const Explanation *explanation = byName.find(mark->first)->second;
      auto [at, inserted] = kernels.try_emplace(kernel.getSymName().str());
      Subject &subject = at->second;
      if (inserted)
        subject = {kernel.getSymName().str(), explanation, {}};
      uint32_t term = explanation->chosen[mark->second];
      if (!llvm::is_contained(subject.terms, term))
        subject.terms.push_back(term);
    });
  });
}

static std::string shortName(const std::string &name) {
  return name.starts_with("tern.") ? name.substr(5) : name;
}

std::vector<Subject> Explained::find(const std::string &option, const std::string &name) const {
  if (auto kernel = kernels.find(name); kernel != kernels.end())
    return {kernel->second};
  std::vector<Subject> found;
  for (const Explanation &explanation : all)
    for (uint32_t term : explanation.chosen)
      if (explanation.terms[term].isOperation &&
          shortName(explanation.terms[term].name) == shortName(name))
        found.push_back({shortName(name), &explanation, {term}});
  if (found.empty())
    throw UserError(option + "=" + name +
                    ": expected a kernel or an operation of what was chosen, such as " +
                    nearest(name, names()) + ", found none of that name");
  return found;
}

std::vector<std::string> Explained::names() const {
  std::vector<std::string> names;
  for (const auto &[name, kernel] : kernels)
    names.push_back(name);
  for (const Explanation &explanation : all)
    for (uint32_t term : explanation.chosen)
      if (explanation.terms[term].isOperation)
        names.push_back(shortName(explanation.terms[term].name));
  return names;
}

std::string nearest(const std::string &name, std::vector<std::string> names) {
  auto key = [&](llvm::StringRef own) { return std::pair(own.edit_distance(name), own); };
  llvm::sort(names, [&](llvm::StringRef a, llvm::StringRef b) { return key(a) < key(b); });
  names.erase(std::unique(names.begin(), names.end()), names.end());
  names.resize(std::min<size_t>(names.size(), 4));
  std::string text;
  for (auto [at, own] : llvm::enumerate(names))
    text += (at == 0 ? "'" : at + 1 == names.size() ? " or '" : ", '") + own + "'";
  return text;
}

std::string print(const Explanation &explanation, uint32_t term, unsigned depth) {
  const Explanation::Term &own = explanation.terms[term];
  if (!own.isOperation)
    return own.name;
  if (!own.label.empty())
    return own.label;
  if (depth == 0)
    return "(" + shortName(own.name) + " ..)";
  std::string text = "(" + shortName(own.name);
  for (uint32_t kid : explanation.kidsOf(term))
    text += " " + print(explanation, kid, depth - 1);
  return text + ")";
}

} // namespace tern
