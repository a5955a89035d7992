// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Proof.h"

#include "passes/Saturate/Passes.h"

#include "dialects/Tern/IR/Term.h"
#include "passes/Saturate/Terms.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/xxhash.h"

#include <map>

using namespace mlir;

namespace tern::saturate {

/// xxh3-128, as the checker has it too.
static std::string hashOf(llvm::StringRef bytes) {
  llvm::XXH128_hash_t hash = llvm::xxh3_128bits(llvm::arrayRefFromStringRef(bytes));
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%016llx%016llx", hash.high64, hash.low64);
  return text;
}

/// One word: what would end it, or begin such a code, is %XX, and no text is %.
static std::string word(llvm::StringRef text) {
  if (text.empty())
    return "%";
  std::string out;
  llvm::raw_string_ostream os(out);
  for (unsigned char c : text)
    if (c <= ' ' || c == '%' || c >= 127)
      os << llvm::format("%%%02X", c);
    else
      os << c;
  return out;
}

template <typename T> static std::string printed(T value) {
  std::string text;
  llvm::raw_string_ostream(text) << value;
  return text;
}

/// A number that reads back as the same one.
static std::string exact(double value) { return printed(llvm::format("%a", value)); }

std::string writeProofHead(bool isBitOnly, ArrayRef<egraph::RuleFile> rules) {
  std::string text;
  for (const egraph::RuleFile &file : rules)
    text += std::string(file.text) + '\0';
  return "tern-proof 1\nrules " + std::string(isBitOnly ? "bit " : "real ") + hashOf(text) + "\n";
}

namespace {

class Writer {
public:
  Writer(const egraph::Proof &proof, const TermTable &table) : proof(proof), table(table) {}

  std::string write(StringRef function) {
    os << "function " << word(function) << "\n";
    size_t begin = text.size();
    std::string terms;
    for (uint32_t term = 0; term < proof.terms.heads.size(); ++term)
      terms += lineOf(term).print(kidsOf(proof.terms, term)) + "\n";
    for (const std::string &type : types)
      os << type << "\n";
    os << terms;
    for (size_t step = 0; step < proof.steps.size(); ++step)
      writeStep(step);
    std::string hash = hashOf(StringRef(text).substr(begin));
    uint32_t before = proof.terms.roots[0], after = proof.terms.roots[1];
    os << "prove " << before << " " << after << " " << part(proof.last) << " " << hash << "\nend\n";
    return std::move(text);
  }

private:
  /// `word type rest kids`: a term or a property.
  struct Line {
    std::string word;
    std::optional<size_t> type;
    std::string rest;

    std::string print(ArrayRef<uint32_t> kids) const {
      std::string text = word + " " + (type ? std::to_string(*type) : "-") + rest;
      for (uint32_t kid : kids)
        text += " " + std::to_string(kid);
      return text;
    }
  };

  static std::string part(uint32_t step) { return step == 0 ? "=" : std::to_string(step - 1); }

  static std::string typeLine(Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor || (tensor.getEncoding() && !isa<DimsAttr>(tensor.getEncoding())))
      return "other " + word(printed(type));
    std::string line = "type " + word(printed(tensor.getElementType()));
    for (ExtentAttr extent : getExtents(tensor)) {
      std::string sum = "?";
      if (extent) {
        sum.clear();
        llvm::raw_string_ostream os(sum);
        extent.printSum(os);
        for (size_t at; (at = sum.find(" - ")) != std::string::npos;)
          sum.replace(at, 3, "+-");
        llvm::erase(sum, ' ');
      }
      line += " " + word(sum);
    }
    return line;
  }

  size_t numberOf(Type type) {
    std::string line = typeLine(type);
    auto [at, inserted] = numbers.try_emplace(line, types.size());
    if (inserted)
      types.push_back(line);
    return at->second;
  }

  Line lineOf(uint32_t term) {
    if (proof.types[term] == 0)
      return {"op roots", std::nullopt, ""};
    const TermTable::Symbol &symbol = table.at(proof.terms.heads[term]);
    if (const auto *property = std::get_if<Attribute>(&symbol))
      return lineOf(*property);
    size_t type = numberOf(std::get<Type>(table.at(proof.types[term])));
    if (const auto *value = std::get_if<Value>(&symbol))
      return {"leaf " + word(leafName(*value)), type, ""};
    return {"op " + word(std::get<OperationName>(symbol).getStringRef()), type, ""};
  }

  Line lineOf(Attribute property) {
    if (!property)
      return {"none", std::nullopt, ""};
    if (auto number = dyn_cast<IntegerAttr>(property))
      return {"int", std::nullopt, " " + std::to_string(number.getInt())};
    if (auto number = dyn_cast<FloatAttr>(property))
      return {"real", std::nullopt, " " + exact(number.getValueAsDouble())};
    if (auto string = dyn_cast<StringAttr>(property))
      return {"text", std::nullopt, " " + word(string.getValue())};
    if (auto type = dyn_cast<TypeAttr>(property))
      return {"shape", numberOf(type.getValue()), ""};
    if (auto elements = dyn_cast<DenseElementsAttr>(property)) {
      size_t type = numberOf(elements.getType());
      if (std::optional<double> value = splatOf(elements))
        return {"splat", type, " " + exact(*value)};
      ArrayRef<char> bytes = elements.getRawData();
      return {"data", type, " " + hashOf({bytes.data(), bytes.size()})};
    }
    return {"value", std::nullopt, " " + word(printed(property))};
  }

  static std::optional<double> splatOf(DenseElementsAttr elements) {
    if (!elements.isSplat())
      return std::nullopt;
    auto value = elements.getSplatValue<Attribute>();
    if (auto number = dyn_cast<FloatAttr>(value))
      return number.getValue().convertToDouble();
    if (auto number = dyn_cast<IntegerAttr>(value))
      return static_cast<double>(number.getValue().getSExtValue());
    return std::nullopt;
  }

  void writeStep(size_t number) {
    const egraph::Step &step = proof.steps[number];
    switch (step.reason) {
    case egraph::Reason::Forth:
    case egraph::Reason::Back:
      os << (step.reason == egraph::Reason::Forth ? "forth " : "back ")
         << word(std::string(proof.laws[step.law]));
      break;
    case egraph::Reason::Kids:
      os << "kids";
      break;
    default:
      os << "chain";
    }
    os << " " << step.left << " " << step.right;
    for (uint32_t at = proof.first[number]; at < proof.first[number + 1]; ++at)
      os << " " << part(proof.parts[at]);
    os << "\n";
  }

  const egraph::Proof &proof;
  const TermTable &table;
  std::vector<std::string> types;
  std::map<std::string, size_t> numbers;
  std::string text;
  llvm::raw_string_ostream os{text};
};

} // namespace

std::string writeProof(StringRef function, const egraph::Proof &proof, const TermTable &table) {
  return Writer(proof, table).write(function);
}

LogicalResult writeText(ModuleOp module, StringRef path, StringRef text, bool isContinued) {
  std::error_code error;
  llvm::raw_fd_ostream file(path, error,
                            isContinued ? llvm::sys::fs::OF_Append : llvm::sys::fs::OF_None);
  if (!error) {
    file << text;
    file.close();
    error = file.error();
    file.clear_error(); // else its end would be the program's
  }
  if (error)
    return emitError(module.getLoc())
           << path << ": expected a file that can be written: " << error.message();
  return success();
}

static ProofCheck &proofCheck() {
  static ProofCheck check;
  return check;
}

void checkEveryProof(ProofCheck check) { proofCheck() = std::move(check); }

bool checksProofs() { return bool(proofCheck()); }

LogicalResult checkProof(ModuleOp module, llvm::StringRef text,
                         llvm::ArrayRef<egraph::RuleFile> rules) {
  if (!checksProofs())
    return success();
  SmallVector<std::pair<std::string, std::string>> texts;
  for (const egraph::RuleFile &rule : rules)
    texts.emplace_back(rule.name, rule.text);
  std::string reason = proofCheck()(text, texts);
  if (!reason.empty())
    return emitError(module.getLoc()) << "the proof is refused: " << reason;
  return success();
}

} // namespace tern::saturate
