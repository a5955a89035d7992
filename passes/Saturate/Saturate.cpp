// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Classic/Classic.h"
#include "passes/Saturate/Decisions.h"
#include "passes/Saturate/Passes.h"
#include "passes/Saturate/Proof.h"
#include "passes/Saturate/Rules.h"
#include "passes/Saturate/Terms.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace tern::saturate {

#define GEN_PASS_DEF_SATURATEPASS
#include "passes/Saturate/Passes.h.inc"

namespace {

struct Saturate : impl::SaturatePassBase<Saturate> {
  using Base::Base;
  Saturate(SaturatePassOptions options, Observer observer)
      : Base(std::move(options)), observer(std::move(observer)) {}

  void runOnOperation() override {
    if (std::string mistake = mistakeOfOptions(); !mistake.empty())
      return (void)fail(mistake), signalPassFailure();
    bool hasChoices = false;
    getOperation().walk([&](ChoiceOp) { hasChoices = true; });
    if (rules == RuleSet::None && !hasChoices && decisions.empty() && decisionsOut.empty()) {
      for (auto function : getOperation().getOps<func::FuncOp>())
        if ((report || !whyNot.empty()) && !function.isExternal())
          function.emitRemark("@") << function.getSymName() << ": " << kNoLaw;
      return markAllAnalysesPreserved();
    }
    llvm::Expected<std::vector<egraph::RuleFile>> files = std::vector<egraph::RuleFile>();
    if (rules != RuleSet::None)
      files = readRules(llvm::SmallVector<std::string>(rulesFiles.begin(), rulesFiles.end()));
    if (!files)
      return (void)fail(files.takeError()), signalPassFailure();
    llvm::Expected<Machine> found =
        machine.empty() ? Machine::of(targetCpu) : Machine::read(machine);
    if (!found)
      return (void)fail(found.takeError()), signalPassFailure();
    if (failed(readDecisions()))
      return signalPassFailure();
    if (engine == Engine::Classic && rules != RuleSet::None) {
      llvm::Expected<classic::Rules> own = classic::Rules::read(*files);
      if (!own)
        return (void)fail(own.takeError()), signalPassFailure();
      classicRules = std::move(*own);
    }
    Use use = usual();
    CostModel model(*found, use, getOperation());
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function.isExternal() && failed(saturate(function, *files, model)))
        return signalPassFailure();
    record(*found, use);
    const std::string head = writeProofHead(rules == RuleSet::Bit, *files);
    if ((!proof.empty() &&
         failed(writeText(getOperation(), proof, extendsProof ? proofText : head + proofText,
                          extendsProof))) ||
        (!decisionsOut.empty() && failed(writeDecisions())) ||
        failed(checkProof(getOperation(), head + proofText, *files)))
      signalPassFailure();
  }

private:
  static constexpr llvm::StringLiteral kNoLaw = "no law was tried: rules=none";

  /// What is wrong with the options; empty if nothing is.
  std::string mistakeOfOptions() {
    constexpr int64_t most = int64_t(1) << 30; // no product of them overflows
    const std::pair<const char *, int64_t> counts[] = {{"for-prompt", forPrompt},
                                                       {"for-batch", forBatch},
                                                       {"for-context", forContext},
                                                       {"steps-per-load", stepsPerLoad}};
    for (auto [name, count] : counts)
      if (count < 1 || count > most)
        return llvm::formatv("{0}: expected a number from 1 to {1}, found {2}", name, most, count);
    StringRef ending = llvm::sys::path::extension(dump);
    if (!dump.empty() && ending != ".json" && ending != ".dot")
      return "dump: expected a file that ends with .json or .dot, found " + dump;
    auto [a, b] = StringRef(whyNot).split('+');
    for (StringRef name : {a, b})
      if (!whyNot.empty() &&
          (name.empty() || !OperationName(name, &getContext()).hasInterface<TermOpInterface>()))
        return ("why-not: expected two operations such as tern.rms_norm+tern.contract, found " +
                StringRef(whyNot))
            .str();
    if (engine != Engine::Classic)
      return "";
    // What only the e-graph knows.
    const char *option = !decisions.empty()               ? "decisions"
                         : !whyNot.empty()                ? "why-not"
                         : !dump.empty()                  ? "dump"
                         : maxUnions != unlimited         ? "max-unions"
                         : scheduler != Scheduler::Simple ? "scheduler"
                                                          : nullptr;
    return option ? std::string(option) + ": expected engine=egraph beside it, found classic" : "";
  }

  bool dumpsJson() const { return llvm::sys::path::extension(dump) == ".json"; }

  /// Into NAME.function.json, if the option says NAME.json.
  LogicalResult writeDump(func::FuncOp function, const std::string &text) {
    llvm::SmallString<128> path(dump);
    llvm::sys::path::replace_extension(path,
                                       function.getSymName() + llvm::sys::path::extension(dump));
    return writeText(getOperation(), path, text);
  }

  LogicalResult readDecisions() {
    if (decisions.empty())
      return success();
    llvm::Expected<Decisions> read = Decisions::read(decisions);
    if (!read)
      return fail(read.takeError());
    pinned = std::move(*read);
    if (llvm::Error error = pinned->check(getOperation()))
      return fail(std::move(error));
    return success();
  }

  LogicalResult writeDecisions() {
    llvm::json::Value file = llvm::json::Object{{"functions", std::move(decided)}};
    return writeText(getOperation(), decisionsOut, llvm::formatv("{0:2}\n", file).str());
  }

  /// The use that the options state, cut to the model's context.
  Use usual() {
    Use use{forPrompt, forBatch, forContext, stepsPerLoad};
    auto facts = getOperation()->getAttrOfType<DictionaryAttr>("tern.model");
    auto context = facts ? facts.getAs<IntegerAttr>("context") : IntegerAttr();
    if (context && context.getInt() > 0) {
      use.prompt = std::min(use.prompt, context.getInt());
      use.context = std::min(use.context, context.getInt());
    }
    return use;
  }

  /// What the choices were made by, and what they cost.
  void record(const Machine &figures, const Use &use) {
    Builder builder(&getContext());
    SmallVector<NamedAttribute> machine;
    for (auto [name, value] : figures.figures())
      machine.push_back(builder.getNamedAttr(name, builder.getF64FloatAttr(value)));
    auto number = [&](StringRef name, int64_t value) {
      return builder.getNamedAttr(name, builder.getI64IntegerAttr(value));
    };
    auto numbers = builder.getDictionaryAttr(
        {number("prompt", use.prompt), number("batch", use.batch), number("context", use.context),
         number("steps_per_load", use.stepsPerLoad)});
    if (!choices.empty())
      getOperation()->setAttr("tern.choices", builder.getArrayAttr(choices));
    getOperation()->setAttr(
        "tern.costs", builder.getDictionaryAttr(
                          {builder.getNamedAttr("machine", builder.getDictionaryAttr(machine)),
                           builder.getNamedAttr("use", numbers),
                           builder.getNamedAttr("functions", builder.getDictionaryAttr(costs))}));
  }

  void remark(func::FuncOp function, const egraph::Report &report) {
    double gap = report.cost_after > 0 ? 1 - report.bound / report.cost_after : 0;
    InFlightDiagnostic remark = function.emitRemark("@");
    remark << function.getSymName()
           << llvm::formatv(" takes {0:f3} us a step, {1:f3} as it was written",
                            1e6 * report.cost_after, 1e6 * report.cost_before)
                  .str();
    if (classicRules)
      remark << "; the classic engine knows no bound";
    else
      remark << llvm::formatv(" and {0:f3} at least: a gap of {1:f2} %", 1e6 * report.bound,
                              100 * gap)
                    .str();
  }

  /// The terms that the function returns which the attribute `tern.seek` names, over the arguments
  /// of `function`; none without the attribute.
  FailureOr<egraph::Terms> encodeSought(func::FuncOp function, const Encoding &encoding,
                                        TermTable &table) {
    egraph::Terms terms;
    auto name = function->getAttrOfType<FlatSymbolRefAttr>("tern.seek");
    if (!name)
      return terms;
    auto other = getOperation().lookupSymbol<func::FuncOp>(name.getAttr());
    if (!other || other.isExternal() || !other.getBody().hasOneBlock())
      return function.emitError("@")
             << function.getSymName() << " seeks " << name << ", expected a function of one block";
    if (other.getFunctionType() != function.getFunctionType())
      return function.emitError("@")
             << function.getSymName() << " seeks " << name << " of type " << other.getFunctionType()
             << ", expected " << function.getFunctionType();
    Encoding sought = encode(other.front(), table, function.getArguments());
    if (encoding.terms.roots.size() != encoding.returned.size())
      return function.emitError("@") << function.getSymName() << " seeks " << name
                                     << ", expected terms for all that it returns, and no others";
    terms = std::move(sought.terms);
    terms.roots.clear();
    for (uint32_t node : sought.returned)
      terms.roots.push_back(node);
    return terms;
  }

  static void remarkSought(func::FuncOp function, bool isFound) {
    if (auto name = function->getAttrOfType<FlatSymbolRefAttr>("tern.seek"))
      function.emitRemark("@") << function.getSymName()
                               << (isFound ? " equals " : " is not known to equal ") << name;
  }

  LogicalResult saturate(func::FuncOp function, const std::vector<egraph::RuleFile> &files,
                         const CostModel &model) {
    if (!function.getBody().hasOneBlock())
      return function.emitError("@")
             << function.getSymName() << " has " << function.getBody().getBlocks().size()
             << " blocks, expected one";
    std::vector<std::pair<std::string, std::string>> words;
    if (pinned) {
      auto own = pinned->decideChoices(function);
      if (!own)
        return fail(own.takeError());
      words = std::move(*own);
    }
    auto table = std::make_shared<TermTable>(&getContext(), model);
    Block &block = function.front();
    const Encoding encoding = encode(block, *table);
    FailureOr<egraph::Terms> sought = encodeSought(function, encoding, *table);
    if (failed(sought))
      return failure();
    egraph::Terms best;
    egraph::Report result{};
    egraph::Proof why;
    llvm::StringRef format = dump.empty() ? "" : dumpsJson() ? "json" : "dot";
    egraph::Settings settings{};
    settings.bit_only = rules == RuleSet::Bit;
    settings.iterations = maxIterations;
    settings.nodes = maxNodes;
    settings.proves = needsProof();
    settings.dump = format.str();
    settings.limits_unions = maxUnions != unlimited;
    settings.unions = settings.limits_unions ? maxUnions - unions : 0;
    settings.backs_off = scheduler == Scheduler::Backoff;
    settings.measures = report;
    if (auto [a, b] = StringRef(whyNot).split('+'); !b.empty())
      settings.why_not = {a.str(), b.str()};
    if (pinned)
      if (llvm::Error error = pinned->apply(function, encoding, *table, settings))
        return fail(std::move(error));
    egraph::Status status =
        classicRules ? rewrite(encoding.terms, settings, table, best, result, why)
                     : egraph::saturate(encoding.terms, *sought, {files.data(), files.size()},
                                        settings, table, best, result, why);
    if (!status.ok)
      return pinned ? fail(decisions + ": function @" + function.getSymName() + ": " +
                           std::string(status.message))
                    : function.emitError(std::string(status.message));
    unions += result.unions;
    if (failed(checkPins(function, settings, result, best, *table)))
      return failure();
    if (needsProof())
      proofText += writeProof(function.getSymName(), why, *table);
    if (!dump.empty() && failed(writeDump(function, std::string(result.dump))))
      return failure();
    remarkSought(function, result.is_found);
    if (rules == RuleSet::None)
      result.stop = kNoLaw.str();
    if (report) {
      remark(function, result);
      print(function, result);
    }
    if (!whyNot.empty() && !observer)
      printWhyNot(function, result);
    for (const egraph::Chosen &chosen : result.chosen) {
      auto name = cast<StringAttr>(std::get<Attribute>(table->at(chosen.name)));
      words.emplace_back(name.str(), chosen.operand == 0 ? "keep" : "fold");
    }
    Builder builder(&getContext());
    for (const auto &[name, word] : words)
      choices.push_back(
          builder.getDictionaryAttr({builder.getNamedAttr("function", function.getSymNameAttr()),
                                     builder.getNamedAttr("name", builder.getStringAttr(name)),
                                     builder.getNamedAttr("chosen", builder.getStringAttr(word))}));
    if (!decisionsOut.empty())
      decided[function.getSymName()] = decisionsOf(best, why, words, *table);
    const double seconds[] = {result.cost_before, result.cost_after, result.bound};
    costs.push_back(
        builder.getNamedAttr(function.getSymName(), builder.getDenseF64ArrayAttr(seconds)));
    numNodes += result.nodes;
    numIterations += result.iterations;
    numRewritten += countNew(encoding.terms, best);
    if (observer &&
        failed(observe(function, encoding, best, std::move(result), std::move(why), table)))
      return failure();
    decode(block, best, encoding.uses, *table, [&](Location location, uint32_t node) {
      return observer ? markChosen(location, function.getSymName(), node) : location;
    });
    return success();
  }

  /// Refuses pins that the laws do not reach, or that no result needs.
  LogicalResult checkPins(func::FuncOp function, const egraph::Settings &settings,
                          const egraph::Report &result, const egraph::Terms &best,
                          const TermTable &table) {
    if (result.is_blocked)
      return pinned ? fail(pinned->blocked(function, table, settings))
                    : function.emitError("@") << function.getSymName() << ": no result is finite";
    if (!result.stale.empty())
      return fail(pinned->stale(function, result.stale.front(), table, settings,
                                "the laws do not reach that term"));
    auto found = TermFinder(best).find(settings.pins);
    for (uint32_t node : settings.forced)
      if (!found[node])
        return fail(
            pinned->stale(function, node, table, settings, "no result of the function needs it"));
    return success();
  }

  /// What no law has changed costs what was written.
  LogicalResult observe(func::FuncOp function, const Encoding &encoding, const egraph::Terms &best,
                        egraph::Report result, egraph::Proof why,
                        const std::shared_ptr<TermTable> &table) {
    egraph::Terms written;
    egraph::Report before{};
    egraph::Proof none;
    egraph::Status status =
        egraph::saturate(encoding.terms, {}, {}, egraph::Settings{}, table, written, before, none);
    if (!status.ok)
      return function.emitError(std::string(status.message));
    observer(explain(function, encoding, written, {before.costs.data(), before.costs.size()}, best,
                     std::move(result), std::move(why), *table));
    return success();
  }

  /// By the classic engine. Choices are decided and costs are read off as ever, without laws. The
  /// engine estimates them; what was written stays if it turns out to be cheaper.
  egraph::Status rewrite(const egraph::Terms &terms, egraph::Settings settings,
                         const std::shared_ptr<TermTable> &table, egraph::Terms &best,
                         egraph::Report &result, egraph::Proof &why) {
    classic::Outcome outcome = classic::rewrite(*table, terms, *classicRules, settings.bit_only,
                                                {settings.iterations, settings.nodes});
    egraph::Report before{};
    egraph::Terms written;
    egraph::Proof none;
    egraph::Status status = egraph::saturate(terms, {}, {}, settings, table, written, before, why);
    settings.proves = false;
    if (status.ok)
      status = egraph::saturate(outcome.best, {}, {}, settings, table, best, result, none);
    if (!status.ok)
      return status;
    const double cost = before.cost_before;
    if (before.cost_after < result.cost_after) {
      best = std::move(written);
      result = std::move(before);
      outcome.stop = "what was written is cheaper";
      for (egraph::Statistic &own : outcome.statistics)
        own.unions = 0;
    } else {
      why = std::move(outcome.proof);
    }
    result.cost_before = cost;
    result.bound = 0;
    result.nodes = outcome.nodes;
    result.iterations = outcome.sweeps;
    result.stop = outcome.stop;
    result.statistics.clear();
    for (const egraph::Statistic &own : outcome.statistics)
      result.statistics.push_back(own);
    return status;
  }

  void print(func::FuncOp function, const egraph::Report &report) {
    InFlightDiagnostic remark = function.emitRemark("@");
    remark << function.getSymName() << ": " << report.nodes << " terms";
    if (classicRules)
      remark << " after " << report.iterations << " sweeps: ";
    else
      remark << " in " << report.classes << " classes after " << report.iterations << " rounds: ";
    remark << std::string(report.stop);
    for (const egraph::Statistic &own : report.statistics)
      note(remark.attachNote(), own);
    if (classicRules)
      for (const std::string &unused : classicRules->unused())
        remark.attachNote() << "not used: " << unused;
  }

  void note(Diagnostic &note, const egraph::Statistic &own) {
    note << "law '" << std::string(own.law) << "': " << own.matches << " matches, "
         << own.applications << " applications, " << own.unions;
    if (classicRules)
      return (void)(note << " kept");
    note << " unions in " << llvm::formatv("{0:f3} ms", 1e3 * own.seconds).str();
    if (own.bans > 0)
      note << ", put off " << own.bans << (own.bans == 1 ? " time" : " times");
  }

  static void printWhyNot(func::FuncOp function, const egraph::Report &report) {
    InFlightDiagnostic remark = function.emitRemark("@");
    remark << function.getSymName() << ": ";
    if (report.why_not.empty())
      return (void)(remark << std::string(report.why_none));
    remark << report.why_not.size() << " laws with both operations on the left side";
    for (const egraph::Obstacle &own : report.why_not)
      remark.attachNote() << "law '" << std::string(own.law) << "' at " << std::string(own.place)
                          << ": " << sentenceOf(own);
  }

  bool needsProof() const {
    return !proof.empty() || !decisionsOut.empty() || !whyNot.empty() || checksProofs() || observer;
  }

  LogicalResult fail(const Twine &message) { return emitError(getOperation().getLoc()) << message; }
  LogicalResult fail(llvm::Error error) { return fail(llvm::toString(std::move(error))); }

  static constexpr uint32_t unlimited = ~uint32_t(0);
  uint32_t unions = 0; ///< of the functions that are done
  Observer observer;
  std::optional<Decisions> pinned;
  llvm::json::Object decided;                 ///< by function
  std::string proofText;                      ///< without its head
  std::optional<classic::Rules> classicRules; ///< of the classic engine, if that is asked for
  /// Of each function the seconds of a step as it was written, as it is now, and at least.
  SmallVector<NamedAttribute> costs;
  SmallVector<Attribute> choices;
};

} // namespace

std::unique_ptr<Pass> createSaturatePass(SaturatePassOptions options, Observer observer) {
  return std::make_unique<Saturate>(std::move(options), std::move(observer));
}

} // namespace tern::saturate
