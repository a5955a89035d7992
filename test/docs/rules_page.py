#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes docs/rules.md: the laws, and equalities that were planted for the engine to find.

    rules_page.py [--check] TERN_OPT TERN_EXPLAIN WORK_FOLDER

Each function of test/passes/Saturate/planted with the attribute `tern.seek = @form` is saturated and asked whether
it equals that form. It must, but if `_not_` is in its name: then it must not. A line `// use: OPTIONS` has the costs
of the file's functions evaluated for that use, and a line `// chosen: WORD...` above a function says for each use in
turn whether what is `written` or the `form` costs less, and so is chosen. --check compares instead.
"""

import argparse
import collections
import dataclasses
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PLANTED = ROOT / "test/passes/Saturate/planted"
RULES = ROOT / "passes/Saturate/rules"
PAGE = ROOT / "docs/rules.md"

HEAD = """<!-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception -->
<!-- Written by `tools/dev docs` from the laws and the tests; the test docs-rules keeps it so. -->
# Rules

What the compiler may replace by what. The laws stand in `passes/Saturate/rules`, one subject a file, and are listed
[below](#laws) with their tiers (B: bit for bit, R: over the reals in the types that are declared) and their badges.
"""

PLANTED_HEAD = """## Planted equalities

A function is written in one form and saturated, and then asked for another. Both stand in
`test/passes/Saturate/planted`, with near-misses: functions that differ in a mask, a scale, an axis or an operand, and
must not be found equal. What is written in several ways counts once for each. Times are microseconds of a step on
the machine of the default target: as the function was written, as its form was, and of what was chosen.
"""

COSTS_HEAD = """## Where only the cost differs

Here both forms are in the graph, and the cost decides, for the use that is stated (`--for-batch`, `--for-prompt`,
`--for-context`, `--steps-per-load`).
"""

LAWS_HEAD = """## Laws

An example has numbers for the variables, and what both sides are then, as `tern-explain --badges --format=json` says it.
A law that is proved *where defined* says nothing of values for which neither side is a number: x / 0, the logarithm of
what is not above 0, a softmax of a row that sees nothing ([decisions/rules.md](decisions/rules.md#where-neither-side-is-a-number)).
Planted is an equality of the above whose proof uses the law.
"""


@dataclasses.dataclass
class Function:
    name: str
    form: str
    text: str
    chosen: list

    def is_near(self):
        return "_not_" in self.name


@dataclasses.dataclass
class Outcome:
    """What one run says of a file's functions, by name."""
    found: dict
    costs: dict
    laws: dict


def stop(message):
    sys.exit(f"rules_page.py: {message}")


def subject(path):
    """The file's first comment, its uses, and the functions that seek a form."""
    title, text, uses, chosen, functions = "", [], [], [], []
    for line in path.read_text().splitlines():
        if found := re.match(r"// use: (.*)", line):
            uses.append(found[1])
        elif found := re.match(r"// chosen: (.*)", line):
            chosen = found[1].split()
        elif line.startswith("// "):
            text.append(line[3:])
        elif found := re.match(r"func\.func @(\w+)\(.*tern\.seek = @(\w+)", line):
            functions.append(Function(found[1], found[2], " ".join(text), chosen))
        elif line == "" and text:
            title, text = title or " ".join(text), []
        elif line == "}":
            chosen = []
    return title, uses, functions


def saturate(tern_opt, path, options, folder):
    proof = folder / (path.stem + ".proof")
    passes = f"builtin.module(tern-saturate{{{options} proof={proof}}})"
    done = subprocess.run([tern_opt, path, f"--pass-pipeline={passes}"], capture_output=True, text=True)
    if done.returncode != 0:
        stop(f"{path.name}: {done.stderr.strip()[-1000:]}")
    said = re.findall(r"remark: @(\w+) (equals|is not known to equal) @", done.stderr)
    costs = re.findall(r"(\w+) = array<f64: ([^>]*)>", done.stdout)
    laws = collections.defaultdict(set)
    for line in proof.read_text().splitlines():
        words = line.split()
        if words[0] == "function":
            function = words[1]
        elif words[0] in ("forth", "back"):
            laws[function].add(words[1])
    return Outcome({name: how == "equals" for name, how in said},
                   {name: [1e6 * float(cost) for cost in text.split(", ")] for name, text in costs}, laws)


def show(microseconds):
    return f"{microseconds:.2f}"


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def planted(functions, outcome, problems):
    """Rows of a subject, one a form."""
    forms = {}
    for function in functions:
        forms.setdefault(function.form, []).append(function)
    for form, group in forms.items():
        for function in group:
            if outcome.found[function.name] == function.is_near():
                problems.append(f"@{function.name}: expected it to be "
                                f"{'another than' if function.is_near() else 'found equal to'} @{form}")
        spellings = [function for function in group if not function.is_near()]
        near = [function.name.split("_not_")[1].replace("_", " ") for function in group if function.is_near()]
        written, chosen, _ = outcome.costs[spellings[0].name]
        yield [f"`{form.removesuffix('_form')}`", spellings[0].text, str(len(spellings)), ", ".join(near),
               show(written), show(outcome.costs[form][0]), show(chosen)]


def by_cost(functions, uses, outcomes, problems):
    """Rows of the file of costs, one a function and use."""
    for function in functions:
        if not all(outcome.found[function.name] for outcome in outcomes):
            problems.append(f"@{function.name}: expected it to be found equal to @{function.form}")
        if len(function.chosen) != len(uses):
            problems.append(f"@{function.name}: expected a choice for each of {len(uses)} uses")
        for use, outcome, expected in zip(uses, outcomes, function.chosen):
            written, cost, _ = outcome.costs[function.name]
            form = outcome.costs[function.form][0]
            choice = "written" if written <= form else "form"
            if choice != expected or abs(cost - min(written, form)) > 1e-9 * cost:
                problems.append(f"@{function.name} for {use}: expected the {expected} of {written} us written and "
                                f"{form} us in its form, found {cost} us")
            yield [f"`{function.name}`", function.text, f"`{use}`", show(written), show(form), show(cost), choice]


def laws_of(path):
    """{'name': fields} of a rule file, in its order."""
    laws, fields = {}, {}
    for line in path.read_text().splitlines():
        if found := re.match(r"law (\S+) (\S) (<?=>)", line):
            fields = laws[found[1]] = {"tier": found[2], "way": found[3], "when": []}
        elif found := re.match(r"  (lhs|rhs) (.*)", line):
            fields[found[1]] = found[2]
        elif found := re.match(r"  (?:when|guard|typed) (.*)", line):
            fields["when"].append(found[1])
    return laws


def judge(tern_explain):
    """{'law': what is known of it}."""
    done = subprocess.run([tern_explain, "--badges", "--format=json"], capture_output=True, text=True)
    if done.returncode != 0:
        stop(f"tern-explain --badges: {done.stderr.strip()[-1000:]}")
    return {law["law"]: law for law in json.loads(done.stdout)["laws"]}


def write_laws(judged, planted_laws):
    parts, counts = [], collections.Counter()
    for path in sorted(RULES.glob("*.rules")):
        rows = []
        for name, law in laws_of(path).items():
            badge, form = judged[name]["badge"], planted_laws.get(name, "")
            counts[f"{badge}, tier {law['tier']}"] += 1
            equation = f"`{law['lhs']}` {'=' if law['way'] == '<=>' else '→'} `{law['rhs']}`"
            rows.append([f"`{name}`", law["tier"], equation, " ".join(f"`{own}`" for own in law["when"]),
                         badge + (" where defined" if "whereDefined" in judged[name] else ""), f"`{judged[name]['example']}`", f"`{form}`" if form else ""])
        parts.append(f"### {path.stem}\n\n" + table(["law", "tier", "equation", "if", "badge", "example", "planted"], rows) + "\n")
    total = sum(counts.values())
    proved = sum(count for kind, count in counts.items() if kind.startswith("proved"))
    said = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
    claim = (f"{total} laws: {said}. " + ("Each is proved for all sizes, so none needs an argument here."
             if proved == total else f"{total - proved} are not proved.") +
             f" {len(planted_laws)} are used by planted equalities.\n")
    return claim, "\n".join(parts)


def page(tern_opt, tern_explain, folder):
    problems, parts, planted_laws = [], [], {}
    forms = spellings = near = 0
    costs = ""
    for path in sorted(PLANTED.glob("*.mlir")):
        title, uses, functions = subject(path)
        outcomes = [saturate(tern_opt, path, use.replace(",", ""), folder) for use in uses or [""]]
        for function in functions:
            for law in outcomes[0].laws[function.name] if not function.is_near() else []:
                planted_laws.setdefault(law, function.name)
        if uses:
            rows = by_cost(functions, uses, outcomes, problems)
            costs = table(["function", "what", "use", "written", "form", "chosen", "which"], rows)
            continue
        rows = list(planted(functions, outcomes[0], problems))
        forms += len(rows)
        near += sum(function.is_near() for function in functions)
        spellings += sum(not function.is_near() for function in functions)
        parts.append(f"### {title}\n\n" + table(
            ["form", "what", "spellings", "near-misses", "written", "form", "chosen"], rows) + "\n")
    if problems:
        stop("\n" + "\n".join(problems))
    claim, laws = write_laws(judge(tern_explain), planted_laws)
    count = f"{forms} forms are found from {spellings} spellings; {near} near-misses are not.\n"
    return "\n".join([HEAD, claim, PLANTED_HEAD, count, "\n".join(parts), COSTS_HEAD, costs, "", LAWS_HEAD, laws])


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--check", action="store_true")
    options.add_argument("tern_opt", metavar="TERN_OPT")
    options.add_argument("tern_explain", metavar="TERN_EXPLAIN")
    options.add_argument("folder", metavar="WORK_FOLDER", type=pathlib.Path)
    options = options.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    text = page(options.tern_opt, options.tern_explain, options.folder)
    if not options.check:
        PAGE.write_text(text)
    elif not PAGE.exists() or PAGE.read_text() != text:
        stop(f"{PAGE.relative_to(ROOT)}: expected what laws and tests say, found other text; "
             "`tools/dev docs` writes it anew")


if __name__ == "__main__":
    main()
