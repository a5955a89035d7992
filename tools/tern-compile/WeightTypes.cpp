// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-compile/WeightTypes.h"

#include "tools/command/CommandLine.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace tern {

using checkpoint::BinaryForm;
using checkpoint::BitsAndBytesScheme;
using checkpoint::BlockEncoder;
using command::UserError;

const BlockEncoder *WeightType::encoder() const {
  auto *found = std::get_if<const BlockEncoder *>(&form);
  return found ? *found : nullptr;
}

static std::vector<WeightType> allTypes() {
  std::vector<WeightType> types;
  for (const BlockEncoder &encoder : checkpoint::blockEncoders())
    types.push_back({std::string(encoder.name), &encoder});
  for (const char *table : {"nf4", "fp4"})
    for (bool isNested : {false, true})
      types.push_back({std::string(table) + (isNested ? "-dq" : ""),
                       BitsAndBytesScheme{false, table, isNested}});
  types.push_back({"int8", BitsAndBytesScheme{/*isInteger=*/true, "fp4", false}});
  for (int64_t bits : {2, 3, 4})
    types.push_back({"binary" + std::to_string(bits), BinaryForm{bits, /*usesLookup=*/false, {}}});
  return types;
}

static WeightType typeNamed(llvm::StringRef name) {
  std::vector<WeightType> types = allTypes();
  std::string names;
  for (const WeightType &type : types) {
    if (name.lower() == type.name)
      return type;
    names += (names.empty() ? "" : &type == &types.back() ? " or " : ", ") + type.name;
  }
  throw UserError("--quantize: expected a type of " + names +
                  " (or gptq, awq, rtn or high_impact, alone and with --emit=checkpoint), found '" +
                  name.str() + "'");
}

WeightTypes::WeightTypes(std::string given) : spec(std::move(given)) {
  for (llvm::StringRef part : llvm::split(spec, ',')) {
    auto [glob, name] = part.contains('=') ? part.rsplit('=') : std::pair("*", part);
    types.push_back(typeNamed(name));
    types.back().text = part.str();
    llvm::Expected<llvm::GlobPattern> pattern = llvm::GlobPattern::create(glob);
    if (!pattern)
      throw UserError("--quantize: expected a pattern of tensors' names, found '" + glob.str() +
                      "': " + llvm::toString(pattern.takeError()));
    patterns.push_back(std::move(*pattern));
    const WeightType *first = inParts();
    if (first && !types.back().encoder() && first->name != types.back().name)
      throw UserError("--quantize: expected one type of several tensors, for a model has one such "
                      "kind, found " +
                      first->name + " and " + types.back().name);
  }
}

const WeightType *WeightTypes::find(llvm::StringRef name) const {
  for (auto [pattern, type] : llvm::zip_equal(patterns, types))
    if (pattern.match(name))
      return &type;
  return nullptr;
}

const WeightType *WeightTypes::inParts() const {
  auto at = llvm::find_if(types, [](const WeightType &type) { return !type.encoder(); });
  return at == types.end() ? nullptr : &*at;
}

} // namespace tern
