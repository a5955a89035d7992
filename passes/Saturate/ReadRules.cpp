// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/Tern/IR/Tern.h"
#include "passes/Saturate/Law/Law.h"
#include "passes/Saturate/RuleTexts.h"
#include "passes/Saturate/Rules.h"
#include "passes/Saturate/TermTable.h"

#include "llvm/Support/MemoryBuffer.h"

namespace tern::saturate {

std::vector<egraph::RuleFile> shippedRules() {
  std::vector<egraph::RuleFile> files;
  for (const auto &[name, text] : ruleTexts())
    files.push_back({name, text, true});
  return files;
}

llvm::Expected<std::vector<egraph::RuleFile>> readRules(llvm::ArrayRef<std::string> paths) {
  std::vector<egraph::RuleFile> files = shippedRules();
  if (paths.empty())
    return files;
  std::map<std::string, std::string> names; // with their places
  for (const auto &[name, text] : ruleTexts())
    law::readRules(name, text, names);
  for (const std::string &path : paths) {
    auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
    if (!buffer)
      return llvm::createStringError(
          path + ": expected a file that can be read: " + buffer.getError().message());
    llvm::StringRef text = (*buffer)->getBuffer();
    // It knows the line of each mistake; the engines know the law's.
    if (law::RuleFile read = law::readRules(path, text, names); !read.errors.empty())
      return llvm::createStringError(read.errors.front());
    files.push_back({path, rust::String::lossy(text.data(), text.size()), false});
  }
  return files;
}

llvm::Error checkRules(llvm::ArrayRef<std::string> paths) {
  llvm::Expected<std::vector<egraph::RuleFile>> files = readRules(paths);
  if (!files)
    return files.takeError();
  mlir::MLIRContext context;
  context.loadDialect<TernDialect>();
  auto table = std::make_shared<TermTable>(&context, CostModel(Machine{}, Use{}));
  egraph::Status status = egraph::check({files->data(), files->size()}, table);
  if (!status.ok)
    return llvm::createStringError(std::string(status.message));
  return llvm::Error::success();
}

} // namespace tern::saturate
