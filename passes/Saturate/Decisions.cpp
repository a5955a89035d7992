// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Decisions.h"

#include "dialects/Tern/IR/Term.h"

#include "mlir/AsmParser/AsmParser.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/xxhash.h"

#include <set>

using namespace mlir;

namespace tern::saturate {

template <typename... Parts> static llvm::Error fail(const Parts &...parts) {
  std::string text;
  llvm::raw_string_ostream os(text);
  (os << ... << parts);
  return llvm::createStringError(text);
}

//===- Terms by hashes ----------------------------------------------------===//

template <typename T> static std::string printed(T value) {
  std::string text;
  llvm::raw_string_ostream(text) << value;
  return text;
}

static std::string printedProperty(Attribute property) {
  return property ? printed(property) : "none";
}

static std::string hashOf(const llvm::json::Object &term) {
  std::string text = printed(llvm::json::Value(llvm::json::Object(term)));
  return printed(llvm::format("%016llx", llvm::xxh3_64bits(text)));
}

/// `{"op": .., "operands": [HASH..], "properties": [..]}` or `{"leaf": .., "type": ..}` for each
/// node, with its hash; properties have none.
static std::vector<std::pair<std::string, llvm::json::Object>> describe(const egraph::Terms &terms,
                                                                        const TermTable &table) {
  std::vector<std::pair<std::string, llvm::json::Object>> described;
  for (uint32_t node = 0; node < terms.heads.size(); ++node) {
    const TermTable::Symbol &symbol = table.at(terms.heads[node]);
    auto &[hash, term] = described.emplace_back();
    if (std::holds_alternative<Attribute>(symbol))
      continue;
    if (const auto *value = std::get_if<Value>(&symbol)) {
      term = llvm::json::Object{{"leaf", leafName(*value)}, {"type", printed(value->getType())}};
    } else {
      llvm::json::Array operands, properties;
      for (uint32_t kid : kidsOf(terms, node))
        if (const auto *property = std::get_if<Attribute>(&table.at(terms.heads[kid])))
          properties.push_back(printedProperty(*property));
        else
          operands.push_back(described[kid].first);
      term = llvm::json::Object{{"op", std::get<OperationName>(symbol).getStringRef()},
                                {"operands", std::move(operands)},
                                {"properties", std::move(properties)}};
    }
    hash = hashOf(term);
  }
  return described;
}

llvm::json::Object decisionsOf(const egraph::Terms &best, const egraph::Proof &proof,
                               ArrayRef<std::pair<std::string, std::string>> choices,
                               const TermTable &table) {
  llvm::json::Object pins, terms;
  for (const auto &[name, word] : choices)
    pins[llvm::json::fixUTF8("choice " + name)] = word;
  auto described = describe(best, table);
  for (uint32_t root : best.roots)
    if (std::holds_alternative<OperationName>(table.at(best.heads[root])))
      pins["term " + described[root].first] = "force";
  for (auto &[hash, term] : described)
    if (!hash.empty())
      terms[hash] = std::move(term);
  std::set<std::string> used;
  for (const rust::String &law : proof.laws)
    used.insert(std::string(law));
  return llvm::json::Object{
      {"pins", std::move(pins)}, {"laws", llvm::json::Array(used)}, {"terms", std::move(terms)}};
}

//===- Pins ---------------------------------------------------------------===//

llvm::Expected<Decisions> Decisions::read(const std::string &path) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer)
    return fail(path, ": expected a file that can be read: ", buffer.getError().message());
  llvm::Expected<llvm::json::Value> value = llvm::json::parse((*buffer)->getBuffer());
  if (!value)
    return fail(path, ": expected JSON: ", llvm::toString(value.takeError()));
  Decisions decisions;
  decisions.path = path;
  llvm::json::Object *file = value->getAsObject();
  llvm::json::Object *functions = file ? file->getObject("functions") : nullptr;
  if (!functions)
    return fail(path, ": expected an object with 'functions', as --decisions-out writes it");
  for (const auto &[name, own] : *functions) {
    const llvm::json::Object *function = own.getAsObject();
    const llvm::json::Object *pins = function ? function->getObject("pins") : nullptr;
    if (!pins || !function->getObject("terms"))
      return fail(path, ": function @", name.str(), ": expected the objects 'pins' and 'terms'");
    for (const auto &[pin, word] : *pins) {
      auto [kind, rest] = StringRef(pin).split(' ');
      llvm::StringRef expected = kind == "choice" ? "keep, fold"
                                 : kind == "law"  ? "forbid"
                                 : kind == "term" ? "force, forbid"
                                                  : "";
      if (expected.empty())
        return fail(path, ": function @", name.str(), ": pin '", pin.str(),
                    "': expected 'choice NAME', 'law NAME' or 'term HASH'");
      SmallVector<StringRef> words;
      expected.split(words, ", ");
      std::optional<StringRef> found = word.getAsString();
      if (!found || !llvm::is_contained(words, *found))
        return fail(path, ": function @", name.str(), ": pin '", pin.str(), "': expected ",
                    llvm::join(words, " or "), ", found ", word);
    }
  }
  decisions.functions = std::move(*functions);
  return decisions;
}

llvm::Error Decisions::check(ModuleOp module) const {
  for (const auto &[name, own] : functions)
    if (!module.lookupSymbol<func::FuncOp>(name.str()))
      return fail(path, ": pins of function @", name.str(),
                  " are stale: the module has no function of that name");
  return llvm::Error::success();
}

/// The pins of one kind: what they name, and the word.
static std::vector<std::pair<std::string, StringRef>> pinsOf(const llvm::json::Object &functions,
                                                             StringRef function, StringRef kind) {
  std::vector<std::pair<std::string, StringRef>> found;
  if (const llvm::json::Object *own = functions.getObject(function))
    for (const auto &[pin, word] : *own->getObject("pins"))
      if (StringRef(pin).split(' ').first == kind)
        found.emplace_back(StringRef(pin).split(' ').second.str(), *word.getAsString());
  llvm::sort(found);
  return found;
}

llvm::Expected<std::vector<std::pair<std::string, std::string>>>
Decisions::decideChoices(func::FuncOp function) const {
  std::vector<std::pair<std::string, std::string>> decided;
  for (auto [name, word] : pinsOf(functions, function.getSymName(), "choice")) {
    bool isKnown = false;
    for (ChoiceOp choice : llvm::make_early_inc_range(function.getOps<ChoiceOp>()))
      if (choice.getName() == name) {
        choice.getResult().replaceAllUsesWith(choice->getOperand(word == "fold" ? 1 : 0));
        choice.erase();
        isKnown = true;
      }
    if (!isKnown)
      return fail(path, ": function @", function.getSymName(), ": pin 'choice ", name,
                  "' is stale: the function leaves no choice of that name open");
    decided.emplace_back(name, word.str());
  }
  return decided;
}

namespace {

/// Makes terms of their descriptions.
class Reader {
public:
  Reader(const llvm::json::Object &terms, const Encoding &encoding, TermTable &table,
         MLIRContext *context)
      : described(terms), table(table), context(context) {
    for (uint32_t head : encoding.terms.heads)
      if (const auto *value = std::get_if<Value>(&table.at(head)))
        leaves[leafName(*value)] = head;
    terms_.first.push_back(0);
  }

  /// The node of a hash. Fails with what is wrong with a description.
  llvm::Expected<uint32_t> node(StringRef hash) {
    if (auto known = nodes.find(hash); known != nodes.end())
      return known->second;
    const llvm::json::Object *term = described.getObject(hash);
    if (!term)
      return fail("'terms' does not say what ", hash, " is");
    if (!open.insert(hash).second || hashOf(*term) != hash)
      return fail("expected the term ", hashOf(*term), " under that name, found it under ", hash);
    llvm::Expected<uint32_t> made = term->get("leaf") ? leaf(*term) : operation(*term);
    if (made)
      nodes[hash] = *made;
    return made;
  }

  egraph::Terms take() { return std::move(terms_); }

private:
  uint32_t push(uint32_t head, ArrayRef<uint32_t> kids) {
    terms_.heads.push_back(head);
    for (uint32_t kid : kids)
      terms_.kids.push_back(kid);
    terms_.first.push_back(static_cast<uint32_t>(terms_.kids.size()));
    return static_cast<uint32_t>(terms_.heads.size() - 1);
  }

  llvm::Expected<uint32_t> leaf(const llvm::json::Object &term) {
    StringRef name = term.getString("leaf").value_or("");
    auto at = leaves.find(name);
    if (at == leaves.end())
      return fail("the function has no value ", name);
    const auto &value = std::get<Value>(table.at(at->second));
    if (printed(value.getType()) != term.getString("type").value_or(""))
      return fail("expected ", name, " of type ", term.getString("type").value_or(""), ", found ",
                  value.getType());
    return push(at->second, {});
  }

  llvm::Expected<uint32_t> operation(const llvm::json::Object &term) {
    OperationName name(term.getString("op").value_or(""), context);
    const llvm::json::Array *operands = term.getArray("operands");
    const llvm::json::Array *properties = term.getArray("properties");
    if (!name.isRegistered() || !operands || !properties)
      return fail("expected an operation with operands and properties, found ",
                  llvm::json::Value(llvm::json::Object(term)));
    SmallVector<uint32_t> kids;
    for (const llvm::json::Value &operand : *operands) {
      llvm::Expected<uint32_t> kid = node(operand.getAsString().value_or(""));
      if (!kid)
        return kid;
      kids.push_back(*kid);
    }
    for (const llvm::json::Value &property : *properties) {
      StringRef text = property.getAsString().value_or("");
      ScopedDiagnosticHandler quiet(context, [](Diagnostic &) { return success(); });
      Attribute value = text == "none" ? Attribute() : parseAttribute(text, context);
      if (!value && text != "none")
        return fail("expected a property, found ", text);
      kids.push_back(push(table.property(value), {}));
    }
    return push(table.operation(name), kids);
  }

  const llvm::json::Object &described;
  TermTable &table;
  MLIRContext *context;
  egraph::Terms terms_;
  llvm::StringMap<uint32_t> leaves, nodes;
  llvm::StringSet<> open;
};

} // namespace

llvm::Error Decisions::apply(func::FuncOp function, const Encoding &encoding, TermTable &table,
                             egraph::Settings &settings) const {
  StringRef name = function.getSymName();
  const llvm::json::Object *own = functions.getObject(name);
  if (!own)
    return llvm::Error::success();
  for (auto [law, word] : pinsOf(functions, name, "law"))
    settings.forbidden_laws.push_back(law);
  Reader reader(*own->getObject("terms"), encoding, table, function.getContext());
  for (auto [hash, word] : pinsOf(functions, name, "term")) {
    llvm::Expected<uint32_t> node = reader.node(hash);
    if (!node)
      return fail(path, ": function @", name, ": pin 'term ", hash,
                  "' is stale: ", llvm::toString(node.takeError()));
    (word == "force" ? settings.forced : settings.forbidden).push_back(*node);
  }
  settings.pins = reader.take();
  return llvm::Error::success();
}

/// `pin 'term HASH' (WHAT)`.
static std::string nameOf(const std::pair<std::string, llvm::json::Object> &described) {
  std::optional<StringRef> name = described.second.getString("op");
  if (!name)
    name = described.second.getString("leaf");
  return "pin 'term " + described.first + "' (" + name->str() + ")";
}

llvm::Error Decisions::stale(func::FuncOp function, uint32_t node, const TermTable &table,
                             const egraph::Settings &settings, StringRef why) const {
  // A result is forced to what it was with another choice.
  std::string choices;
  for (auto [name, word] : pinsOf(functions, function.getSymName(), "choice"))
    choices +=
        (choices.empty() ? " beside pin 'choice " : ", 'choice ") + name + "': " + word.str();
  return fail(path, ": function @", function.getSymName(), ": ",
              nameOf(describe(settings.pins, table)[node]), " is stale", choices, ": ", why);
}

llvm::Error Decisions::blocked(func::FuncOp function, const TermTable &table,
                               const egraph::Settings &settings) const {
  auto described = describe(settings.pins, table);
  std::string pins;
  for (uint32_t node : settings.forbidden)
    pins += (pins.empty() ? "" : ", ") + nameOf(described[node]) + ": forbid";
  return fail(path, ": function @", function.getSymName(), ": ", pins,
              ": a result has no term without what is forbidden");
}

} // namespace tern::saturate
