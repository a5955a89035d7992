#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares what extraction takes with the optimum that HiGHS finds, an integer program's.

    judge.py TERN_OPT TERN_COMPILE HIGHS WORK_FOLDER MODEL...

The e-graphs are those of the models, or of modules, where the costs must be equal, and of random functions, where
the mean gap is stated and must be small. In all of them the bound must hold.
"""

import json
import os
import pathlib
import random
import re
import subprocess
import sys

SECONDS = 60
FUNCTIONS = 12


def stop(message):
    raise SystemExit(f"judge.py: {message}")


def run(*command, **environment):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          env={**os.environ, **environment})
    if done.returncode != 0:
        stop(f"{command[0]} failed: {done.stdout[-1000:]}{done.stderr[-1000:]}")
    return done.stdout


def program(graph):
    """The integer program: x is 1 for a node that is chosen, t falls from a class to its kids."""
    nodes = graph["nodes"]
    number = {name: i for i, name in enumerate(nodes)}
    classes = {}
    for name, node in nodes.items():
        classes.setdefault(node["eclass"], []).append(name)
    level = {name: i for i, name in enumerate(classes)}
    x = [f"x{i}" for i in range(len(nodes))]

    def total(names):
        return " + ".join(x[number[name]] for name in names)

    costs = [f"{1e6 * node['cost']:.12g} {x[number[name]]}" for name, node in nodes.items()
             if node["cost"]]
    rules = [f"{total(classes[root])} >= 1" for root in set(graph["root_eclasses"])]
    most = len(classes)
    for name, members in classes.items():
        users = {}
        for member in members:
            for kid in {nodes[child]["eclass"] for child in nodes[member]["children"]}:
                users.setdefault(kid, []).append(member)
        for kid, chosen in users.items():
            left = " - ".join(x[number[member]] for member in chosen)
            rules.append(f"{total(classes[kid])} - {left} >= 0")
            falls = " - ".join(f"{most} {x[number[member]]}" for member in chosen)
            rules.append(f"t{level[name]} - t{level[kid]} - {falls} >= {1 - most}")
        rules.append(f"{total(members)} <= 1")
    lines = ["Minimize", " obj: " + " + ".join(costs), "Subject To"]
    lines += [f" c{i}: {rule}" for i, rule in enumerate(rules)]
    lines += ["Bounds", *(f" 0 <= t{i} <= {most}" for i in range(most))]
    lines += ["Binary", *(f" {name}" for name in x), "End"]
    return "\n".join(lines)


def optimum(highs, graph, work):
    """The least cost, or None if it was not found in time."""
    file = work / "program.lp"
    file.write_text(program(graph))
    options = work / "options"
    options.write_text("mip_rel_gap = 1e-9\nlog_file = \n")
    # The wheel's program looks for its library in the wrong place.
    library = pathlib.Path(highs).parent.parent / "lib"
    shown = run(highs, "--time_limit", SECONDS, "--options_file", options, file,
                LD_LIBRARY_PATH=str(library))
    if not re.search(r"Status +Optimal", shown):
        return None
    return float(re.search(r"Primal bound +(\S+)", shown)[1]) * 1e-6


def dumps(tern_opt, module, work):
    """The graphs of a module's functions, by their names."""
    for old in work.glob("graph.*"):
        old.unlink()
    run(tern_opt, module, f"--tern-saturate=dump={work / 'graph.json'}", "-o", work / "out.mlir")
    for file in sorted(work.glob("graph.*.json")):
        graph = json.loads(file.read_text())
        if graph["nodes"]:
            yield file.name.split(".")[1], graph


def random_function(seed):
    """Contractions, sums and products of few values, with weights that several of them read."""
    pick = random.Random(seed)
    row = "tensor<?x8xf32, #tern.dims<T>>"
    lines = ["tern.dim @T from 1 to 16", f"func.func @f(%v0: {row}) -> ({row}, {row}) {{"]
    weights = "tensor<8x8xf32>"
    lines += [f'  %w{i} = tern.weight "w{i}" : {weights}' for i in range(4)]
    for i in range(1, 30):
        a, b, w = pick.randrange(i), pick.randrange(i), pick.randrange(4)
        lines.append(f"  %v{i} = " + pick.choice([
            f'tern.contract "tk,nk->tn" %v{a}, %w{w} : {row}, {weights}',
            f'tern.contract "tk,nk->tn" %v{a}, %w{w} : {row}, {weights}',
            f"tern.add %v{a}, %v{b} : {row}, {row}",
            f"tern.mul %v{a}, %v{b} : {row}, {row}",
            f"tern.silu %v{a} : {row}",
            f'tern.rms_norm "tk/k" %v{a} epsilon 1.0e-05 : {row}',
        ]))
    return "\n".join([*lines, f"  return %v29, %v28 : {row}, {row}", "}"])


def judge(name, graph, highs, work):
    """The gap of the choice, or None if the optimum is not known."""
    best = optimum(highs, graph, work)
    cost, bound = graph["cost"], graph["bound"]
    if best is None:
        print(f"{name}: {1e6 * cost:.3f} us, no optimum in {SECONDS} s, bound {1e6 * bound:.3f}")
        return None
    gap = cost / best - 1 if best else 0
    print(f"{name}: {1e6 * cost:.3f} us, {100 * gap:.3f} % above the optimum, "
          f"bound {100 * (1 - bound / best if best else 0):.3f} % below")
    if bound > best * (1 + 1e-6) or gap < -1e-6:
        stop(f"{name}: expected bound <= optimum <= cost, found {bound}, {best}, {cost}")
    return gap


def main():
    tern_opt, tern_compile, highs, work, *models = sys.argv[1:]
    if not pathlib.Path(highs).is_file():
        stop(f"expected HiGHS at {highs}, where tools/dev test puts it, found none")
    work = pathlib.Path(work)
    work.mkdir(parents=True, exist_ok=True)
    module = work / "module.mlir"
    for model in models:
        is_module = model.endswith(".mlir")
        if not is_module:
            run(tern_compile, model, "--compile-to=normalise", "-o", module)
        for function, graph in dumps(tern_opt, model if is_module else module, work):
            name = f"{pathlib.Path(model).name} @{function}"
            gap = judge(name, graph, highs, work)
            if gap is None or gap > 1e-6:
                stop(f"{name}: expected the optimum, found {graph['cost']}")
    gaps = []
    for seed in range(FUNCTIONS):
        module.write_text(random_function(seed))
        for _, graph in dumps(tern_opt, module, work):
            gap = judge(f"random {seed}", graph, highs, work)
            gaps += [] if gap is None else [gap]
    mean = sum(gaps) / len(gaps)
    print(f"random functions: {len(gaps)} of {FUNCTIONS} with a known optimum, "
          f"{100 * mean:.3f} % above it in the mean")
    if mean > 0.01 or len(gaps) < FUNCTIONS / 2:
        stop("expected at most 1 %, and most optima known")


main()
