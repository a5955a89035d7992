#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""reaction_network.py FILE.net OUT.mlir: the right-hand side of a BioNetGen network as a module.

Writes the function @rhs(species, parameters), f64, of mass-action kinetics as a naive program spells
it: each flux anew wherever it occurs, each equation a chain of sums. Beside it OUT.species.npy (the
initial state) and OUT.parameters.npy.

v = rate * product of the reactants; the rate holds symmetry factors already, so nothing is divided
(techniques F.5, F.9).
"""

import ast
import operator
import pathlib
import struct
import sys

OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


def evaluate(text, known):
    """An arithmetic expression over known names."""

    def visit(node):
        if isinstance(node, ast.Constant):
            return float(node.value)
        if isinstance(node, ast.Name):
            return known[node.id]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -visit(node.operand)
        if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
            return OPERATORS[type(node.op)](visit(node.left), visit(node.right))
        raise ValueError(f"'{text}': expected arithmetic of numbers and names")

    return visit(ast.parse(text.replace("^", "**"), mode="eval").body)


def sections(path):
    """The lines of each section, as words without their number."""
    found, name = {}, None
    for line in pathlib.Path(path).read_text().splitlines():
        words = line.split("#")[0].split()
        if not words:
            continue
        if words[0] == "begin":
            name = words[1]
            found[name] = []
        elif words[0] == "end":
            name = None
        elif name:
            found[name].append(words[1:])
    return found


def write_npy(path, numbers):
    head = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({len(numbers)},), }}"
    head = head.ljust(117) + "\n"
    data = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode()
    path.write_bytes(data + struct.pack(f"<{len(numbers)}d", *numbers))


class Module:
    """The text of @rhs."""

    def __init__(self):
        self.lines, self.values = [], 0

    def value(self, operation):
        self.lines.append(f"  %v{self.values} = tern.{operation}")
        self.values += 1
        return f"%v{self.values - 1}"

    def two(self, name, left, right):
        return self.value(f"{name} {left}, {right} : tensor<f64>, tensor<f64>")

    def elements(self, tensor, count):
        """The elements of an argument."""
        vector = f"tensor<{count}xf64>"
        for i in range(count):
            part = self.value(f"slice {tensor} axis 0 from {i} size 1 : {vector}")
            yield self.value(f"reshape {part} : tensor<1xf64> to tensor<f64>")


def indices(text):
    return [int(number) - 1 for number in text.split(",") if number != "0"]


def right_hand_side(names, species, reactions):
    module = Module()
    state = list(module.elements("%x", species))
    rates = dict(zip(names, module.elements("%p", len(names))))
    equations = [[] for _ in range(species)]
    for reactants, products, rate, *_ in reactions:
        factor, _, name = rate.rpartition("*")
        change = {}
        for s in indices(reactants):
            change[s] = change.get(s, 0) - 1
        for s in indices(products):
            change[s] = change.get(s, 0) + 1
        for s, times in change.items():
            for _ in range(abs(times)):
                flux = rates[name]
                if factor:
                    number = module.value(f"constant dense<{float(factor)}> : tensor<f64>")
                    flux = module.two("mul", number, flux)
                for r in indices(reactants):
                    flux = module.two("mul", flux, state[r])
                equations[s].append((times > 0, flux))
    results = []
    for terms in equations:
        total = module.value("constant dense<0.0> : tensor<f64>")
        for is_gain, flux in terms:
            total = module.two("add" if is_gain else "sub", total, flux)
        results.append(module.value(f"reshape {total} : tensor<f64> to tensor<1xf64>"))
    types = ", ".join(["tensor<1xf64>"] * species)
    result = module.value(f"concat {', '.join(results)} axis 0 : {types}")
    vector = f"tensor<{species}xf64>"
    head = f"func.func @rhs(%x: {vector}, %p: tensor<{len(names)}xf64>) -> {vector} {{"
    return "\n".join([head, *module.lines, f"  return {result} : {vector}", "}", ""])


def main(source, out):
    found, known = sections(source), {}
    for name, text, *_ in found["parameters"]:
        known[name] = evaluate(text, known)
    names = [words[0] for words in found["parameters"]]
    state = [evaluate(words[1], known) for words in found["species"]]
    out = pathlib.Path(out)
    out.write_text(right_hand_side(names, len(state), found["reactions"]))
    write_npy(out.with_suffix(".species.npy"), state)
    write_npy(out.with_suffix(".parameters.npy"), [known[name] for name in names])


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
