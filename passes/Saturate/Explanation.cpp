// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Explanation.h"

#include "dialects/Tern/IR/Term.h"

#include "mlir/IR/Builders.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace tern::saturate {

/// The lines of a user's file that a location is of.
static void addPlaces(Location location, std::vector<std::string> &places) {
  if (auto place = dyn_cast<FileLineColLoc>(location)) {
    std::string text = place.getFilename().str() + ":" + std::to_string(place.getLine()) + ":" +
                       std::to_string(place.getColumn());
    if (!llvm::is_contained(places, text))
      places.push_back(text);
  } else if (auto fused = dyn_cast<FusedLoc>(location)) {
    for (Location part : fused.getLocations())
      addPlaces(part, places);
  } else if (auto call = dyn_cast<CallSiteLoc>(location)) {
    addPlaces(call.getCallee(), places);
  } else if (auto name = dyn_cast<NameLoc>(location)) {
    addPlaces(name.getChildLoc(), places);
  }
}

ArrayRef<uint32_t> Explanation::kidsOf(uint32_t term) const {
  return saturate::kidsOf(proof.terms, term);
}

template <typename T> static std::string printed(T value) {
  std::string text;
  llvm::raw_string_ostream(text) << value;
  return text;
}

/// A property without what its place says already.
static std::string textOf(Attribute property) {
  if (!property)
    return "none";
  if (auto text = dyn_cast<StringAttr>(property))
    return text.str();
  if (auto number = dyn_cast<IntegerAttr>(property))
    return std::to_string(number.getInt());
  if (auto number = dyn_cast<FloatAttr>(property))
    return printed(llvm::format("%g", number.getValueAsDouble()));
  if (auto elements = dyn_cast<DenseElementsAttr>(property); elements && elements.isSplat())
    return textOf(elements.getSplatValue<Attribute>());
  if (auto type = dyn_cast<TypeAttr>(property))
    if (auto tensor = dyn_cast<RankedTensorType>(type.getValue()))
      return printed(RankedTensorType::get(tensor.getShape(), tensor.getElementType()));
  return printed(property);
}

static Explanation::Term describe(uint32_t head, uint32_t what, const TermTable &table) {
  Explanation::Term term;
  if (what == 0) { // over all roots
    term.name = "roots";
    return term;
  }
  const TermTable::Symbol &symbol = table.at(head);
  if (const auto *property = std::get_if<Attribute>(&symbol)) {
    term.name = textOf(*property);
    return term;
  }
  term.type = printed(std::get<Type>(table.at(what)));
  if (const auto *value = std::get_if<Value>(&symbol)) {
    term.name = shownName(*value);
    return term;
  }
  term.name = std::get<OperationName>(symbol).getStringRef().str();
  term.isOperation = true;
  return term;
}

/// The property of that name of an operation's node.
static Attribute propertyOf(const egraph::Terms &terms, uint32_t node, StringRef name,
                            const TermTable &table) {
  auto head = std::get<OperationName>(table.at(terms.heads[node]));
  ArrayRef<uint32_t> kids = kidsOf(terms, node).take_back(countProperties(head));
  auto names = propertyNames(head);
  const auto *at = llvm::find_if(names, [&](StringAttr own) { return own.getValue() == name; });
  return std::get<Attribute>(table.at(terms.heads[kids[at - names.begin()]]));
}

Explanation explain(func::FuncOp function, const Encoding &encoding, const egraph::Terms &written,
                    ArrayRef<double> costs, const egraph::Terms &best, egraph::Report report,
                    egraph::Proof proof, const TermTable &table) {
  Explanation explanation;
  explanation.function = function.getSymName().str();
  for (uint32_t node = 0; node < proof.terms.heads.size(); ++node)
    explanation.terms.push_back(describe(proof.terms.heads[node], proof.types[node], table));
  auto property = [&](uint32_t node, StringRef name) {
    return propertyOf(proof.terms, node, name, table);
  };
  for (auto [node, term] : llvm::enumerate(explanation.terms))
    if (term.name == WeightOp::getOperationName())
      term.label = textOf(property(node, "name"));
    else if (term.name == ConstantOp::getOperationName())
      term.label = textOf(property(node, "value"));
  TermFinder finder(proof.terms);
  std::vector<std::optional<uint32_t>> found = finder.find(encoding.terms);
  for (auto [node, op] : encoding.sources)
    if (found[node])
      addPlaces(op->getLoc(), explanation.terms[*found[node]].places);
  found = finder.find(written);
  for (auto [term, seconds] : llvm::zip_equal(found, costs))
    if (term)
      explanation.terms[*term].written = seconds;
  for (auto [term, seconds] : llvm::zip_equal(finder.find(best), report.costs)) {
    assert(term && "a proof ends with what was chosen");
    explanation.terms[*term].chosen = seconds;
    explanation.chosen.push_back(*term);
  }
  for (const egraph::Obstacle &obstacle : report.why_not) {
    std::vector<std::string> &places = explanation.obstaclePlaces.emplace_back();
    for (auto [node, op] : encoding.sources)
      if (node + 1 == obstacle.node)
        addPlaces(op->getLoc(), places);
  }
  explanation.proof = std::move(proof);
  explanation.report = std::move(report);
  return explanation;
}

std::string sentenceOf(const egraph::Obstacle &obstacle) {
  std::string kind(obstacle.kind), expected(obstacle.expected), found(obstacle.found);
  if (kind == "pattern")
    return llvm::formatv("{0} of its {1} operations are there; expected {2}, found {3}",
                         obstacle.fitted, obstacle.all, expected, found);
  if (kind == "condition" || kind == "guard")
    return "its " + kind + " " + expected + " does not hold: found " + found;
  if (kind == "budget")
    return "it was not reached: " + found;
  if (kind == "unneeded")
    return "it was used, and nothing that is chosen needs what it leads to, " + found;
  if (kind == "dearer")
    return llvm::formatv("it was used, and {0} is {1:f3} us a step dearer", found,
                         1e6 * obstacle.seconds);
  if (kind == "chosen")
    return "it was used, and nothing is cheaper than what it leads to, " + found;
  if (kind == "used")
    return "it was used on the way to what was chosen, and leads to " + found;
  return "expected " + expected + ", found " + found;
}

Location markChosen(Location location, StringRef function, uint32_t node) {
  Builder builder(location.getContext());
  auto mark =
      builder.getArrayAttr({builder.getStringAttr(function), builder.getI64IntegerAttr(node)});
  return FusedLoc::get({location}, mark, location.getContext());
}

std::optional<std::pair<StringRef, uint32_t>> markOf(Location location) {
  auto fused = dyn_cast<FusedLocWith<ArrayAttr>>(location);
  if (!fused)
    return std::nullopt;
  auto function = cast<StringAttr>(fused.getMetadata()[0]);
  auto node = cast<IntegerAttr>(fused.getMetadata()[1]);
  return std::pair(function.getValue(), static_cast<uint32_t>(node.getInt()));
}

} // namespace tern::saturate
