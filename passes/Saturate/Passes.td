// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_SATURATE_PASSES
#define TERN_SATURATE_PASSES

include "mlir/Pass/PassBase.td"

def SaturatePass : Pass<"tern-saturate", "::mlir::ModuleOp"> {
  let summary = "replace terms by the cheapest equal ones";
  let description = [{
    The terms of a function are put into an e-graph, the laws of `rules/` are applied until nothing is
    new, and the cheapest terms for all values that the function's skeleton reads are taken out again,
    terms that several of them share being counted once. The skeleton, which is all that is not a pure
    term (calls, templates, what reads or changes a cache), stays as it is.

    With `engine=classic` there is no e-graph: a rewriter visits the terms from operands to users and
    keeps each application of a law that makes the function cheaper. It is fast, its steps are in the
    order of the rule files, and it finds less.

    Costs are seconds of a step on the machine, evaluated for the use that the options state. A limit
    that is met ends the search, never the compilation: what was found by then counts.

    Needs: functions of one block, dynamic extents with names.
    Leaves: the same functions with equal results: bit for bit with `rules=bit`, over the real
    numbers with `rules=real`. The module's attribute `tern.costs` holds the machine's figures, the
    use, and for each function the seconds of a step as it was written, as it is now, and at least.
    No `tern.choice` is left: `tern.choices` says for each which operand stands for it.

    A function `@f` with the attribute `tern.seek = @g` asks whether the laws show that it equals `@g`,
    which a remark says; if they do, the proof of `@f` is the one that it equals `@g`.
  }];
  let dependentDialects = ["::tern::TernDialect"];
  let options = [
    Option<"rules", "rules", "::tern::saturate::RuleSet", /*default=*/"RuleSet::Real",
           "which laws may be used: those that keep every bit, or those of the real numbers too",
           [{::llvm::cl::values(
             clEnumValN(RuleSet::None, "none", "no law; the pass decides choices alone"),
             clEnumValN(RuleSet::Bit, "bit", "laws that keep every bit"),
             clEnumValN(RuleSet::Real, "real", "laws of the real numbers too"))}]>,
    ListOption<"rulesFiles", "rules-file", "std::string", "file of more laws">,
    Option<"engine", "engine", "::tern::saturate::Engine", /*default=*/"Engine::EGraph",
           "what applies the laws",
           [{::llvm::cl::values(
             clEnumValN(Engine::EGraph, "egraph", "equality saturation, which keeps all equal terms"),
             clEnumValN(Engine::Classic, "classic",
                        "a bottom-up rewriter, which keeps each application that is cheaper"))}]>,
    Option<"scheduler", "scheduler", "::tern::saturate::Scheduler", /*default=*/"Scheduler::Simple",
           "when the e-graph tries laws",
           [{::llvm::cl::values(
             clEnumValN(Scheduler::Simple, "simple", "each law in every round"),
             clEnumValN(Scheduler::Backoff, "backoff",
                        "a law with more than 1000 matches in a round 5 rounds later; both double each time"))}]>,
    Option<"machine", "machine", "std::string", /*default=*/"",
           "file of a machine's figures; default: those of the target's processor">,
    Option<"targetCpu", "target-cpu", "std::string", /*default=*/"\"x86-64-v4\"",
           "processor or GPU whose figures count, or native for this processor">,
    Option<"forPrompt", "for-prompt", "int64_t", /*default=*/"512", "tokens of a prompt">,
    Option<"forBatch", "for-batch", "int64_t", /*default=*/"1", "sequences of a step">,
    Option<"forContext", "for-context", "int64_t", /*default=*/"4096",
           "tokens of a sequence, the prompt's included">,
    Option<"stepsPerLoad", "steps-per-load", "int64_t", /*default=*/"100000",
           "steps over which the time of loading is spread">,
    Option<"proof", "proof", "std::string", /*default=*/"\"\"",
           "file to write why the terms are equal, which tern-explain --check reads; none if empty">,
    Option<"extendsProof", "extends-proof", "bool", /*default=*/"false",
           "the file of the proof says what was done before, and is continued">,
    Option<"decisions", "decisions", "std::string", /*default=*/"\"\"",
           "file of decisions that are kept to, as decisions-out writes it; none if empty">,
    Option<"decisionsOut", "decisions-out", "std::string", /*default=*/"\"\"",
           "file to write what was decided; none if empty">,
    Option<"maxIterations", "max-iterations", "uint32_t", /*default=*/"16",
           "rounds of all laws, or sweeps, for each function">,
    Option<"maxNodes", "max-nodes", "uint32_t", /*default=*/"20000",
           "terms in the e-graph of a function, or ever made of it">,
    Option<"maxUnions", "max-unions", "uint32_t", /*default=*/"4294967295",
           "how often laws make two classes one, for all functions together; default: as often as they can">,
    Option<"whyNot", "why-not", "std::string", /*default=*/"\"\"",
           "two operations A+B, by their full names: remark what keeps the laws that have both on their left "
           "sides from being used; none if empty">,
    Option<"dump", "dump", "std::string", /*default=*/"",
           "file for the e-graph of each function @f: JSON of egraph-serialize for NAME.json, which becomes "
           "NAME.f.json, or dot for NAME.dot">,
    Option<"report", "report", "bool", /*default=*/"false",
           "remark for each function what it costs before and after, and the bound below which none does, why "
           "no more laws were tried, what each law did and how long it took, and which laws the classic engine "
           "can't use">
  ];
  let statistics = [
    Statistic<"numRewritten", "num-rewritten", "terms that the module did not hold before">,
    Statistic<"numNodes", "num-nodes", "terms in the e-graphs at their ends, or ever made">,
    Statistic<"numIterations", "num-iterations", "rounds of all laws, or sweeps">
  ];
}

def FindCompositesPass : Pass<"tern-find-composites", "::mlir::ModuleOp"> {
  let summary = "find the composite operations that are spelt in primitives (tier R)";
  let description = [{
    What passes/Expand writes for an activation, a norm, a softmax, a mean, a rotary embedding or
    attention over a cache becomes that operation again, by the laws of `rules/` that define them.
    They are applied in an e-graph until nothing is new; then each composite stands for its
    definition, whatever it costs. So the passes after this one see one module, however it was
    written, and `--import=primitive` gives the same artefact as the composite import.

    Needs: functions of one block, dynamic extents with names.
    Leaves: equal functions over the real numbers.
  }];
  let dependentDialects = ["::tern::TernDialect"];
  let options = [
    ListOption<"rulesFiles", "rules-file", "std::string",
               "file of more laws, among which none is looked for">,
    Option<"proof", "proof", "std::string", /*default=*/"\"\"",
           "file to write why the terms are equal, which tern-explain --check reads; none if empty">
  ];
  let statistics = [Statistic<"numFound", "num-found", "terms that the module did not hold before">];
}

def CollectScalarsPass : Pass<"tern-collect-scalars", "::mlir::ModuleOp"> {
  let summary = "collect the sums and products of scalars (tier R)";
  let description = [{
    Sums and products of rank 0 in f32 or f64 are brought into one n-ary form: like terms are added,
    like factors are counted, and neither the order nor the brackets in which they were written
    matter. They are written anew with what several terms of a sum share taken out of it, the most
    frequent factor first, and each equal form once.

    A reciprocal is no factor of a power: x * (1 / x) stays, for x may be 0.

    Leaves: equal functions over the real numbers.
  }];
  let dependentDialects = ["::tern::TernDialect"];
  let statistics = [Statistic<"numWritten", "num-written", "operations of sums and products">];
}

def SplitLoadPass : Pass<"tern-split-load", "::mlir::ModuleOp"> {
  let summary = "move what depends on weights alone to functions that run once";
  let description = [{
    A value is load-bound if it depends on weights, constants and a layer's index alone and has a
    static type. The load-bound values that the rest of a function `@f` reads become the results of
    a new function `@f.load`, which takes the layer's index where they depend on it, and `@f` reads
    them by `tern.loaded`. Constants stay where they are, and so do terms of rank 0 that depend on
    constants alone and broadcasts, which no kernel stores.

    Matrices on the right of a contraction `..k,nk->..n` (or `..k,kn->..n`) and tables of
    `tern.gather` are packed on the way; a matrix that both read is packed once, and a
    concatenation of rows becomes one `tern.pack` of its parts.

    Needs: functions of one block.
    Leaves: functions with the attribute `tern.load`, which hold all the `tern.weight` of the module.
  }];
  let dependentDialects = ["::tern::TernDialect"];
  let statistics = [
    Statistic<"numLoaded", "num-loaded", "values that the load program computes">,
    Statistic<"numPacked", "num-packed", "packed matrices">
  ];
}

#endif
