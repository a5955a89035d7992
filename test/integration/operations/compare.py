#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""compare.py TERN-RUN FILE.mlir: each function of the file, compiled, gives what its reference gives.

Comments before a function say how:

    // With T=5,1,64 [ints=9] [positive] [within=1e-5]
        Runs it for each value of T (S, ... are T + 3, so that they differ), on numbers of [-2, 2), or
        (0, 4) if positive; integers are those below `ints`. `within` is the largest difference, as a
        share of the largest number.

A function without such a comment is run with T = 1, 5 and 67.
"""

import math
import random
import re
import struct
import subprocess
import sys
import tempfile

FOLDER = tempfile.TemporaryDirectory()
FORMATS = {"f2": "e", "f4": "f", "f8": "d", "i1": "b", "i2": "h", "i4": "i", "i8": "q"}
# Both results are rounded to the type, so they may lie one unit of the largest number apart.
NARROW = {"f16": 2**-10, "bf16": 2**-7}
FUNCTION = re.compile(r"((?:^//[^\n]*\n)*)^func\.func @(\w+)\((.*?)\)\s*->", re.M | re.S)
ARGUMENT = re.compile(r"tensor<((?:[?\d]+x)*)(\w+)(?:,\s*#(?:tern\.dims<([^>]*)>|(\w+)))?>")
ALIAS = re.compile(r"^#(\w+) = #tern\.dims<([^>]*)>", re.M)


def options_of(comment):
    words = dict.fromkeys(["T", "ints", "within", "positive"])
    for line in re.findall(r"^// With (.*)$", comment, re.M):
        for word in line.split():
            name, _, value = word.partition("=")
            words[name] = value or True
    return words


def size_of(extent, rows):
    """The value of a sum of names, of which T is `rows` and every other one 3 more."""
    value = 0
    for part in extent.split("+"):
        factors = [word.strip() for word in part.split("*")]
        product = 1
        for factor in factors:
            product *= int(factor) if factor.isdigit() else rows if factor == "T" else rows + 3
        value += product
    return value


def tensor(shape, element, values):
    """What tern-run takes: a file, since a command line has room for few numbers, or text for bf16,
    which .npy lacks."""
    if element == "bf16":
        shown = "x".join([*map(str, shape), element])
        return f"{shown}={','.join(map(str, values))}" if values else shown
    letter = f"{'i' if element[0] == 'i' else 'f'}{int(element[1:]) // 8}"
    axes = "".join(f"{size}, " for size in shape)
    header = f"{{'descr': '{'|' if letter == 'i1' else '<'}{letter}', 'fortran_order': False, " \
             f"'shape': ({axes}), }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    with tempfile.NamedTemporaryFile(suffix=".npy", dir=FOLDER.name, delete=False) as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
        file.write(struct.pack(f"<{len(values)}{FORMATS[letter]}", *values))
    return file.name


def parsed(text):
    """The shape, element type and numbers of a tensor that tern-run printed."""
    shown, _, numbers = text.partition("=")
    *shape, element = shown.split("x")
    read = int if element[0] == "i" else float
    return [int(size) for size in shape], element, [read(n) for n in numbers.split(",") if n]


def input_of(argument, aliases, rows, options, numbers):
    shape, element, dims, alias = argument
    names = [name for name in (dims or aliases.get(alias, "")).split(",") if name]
    sizes = [size_of(names.pop(0), rows) if axis == "?" else int(axis)
             for axis in shape.split("x")[:-1]]
    count = math.prod(sizes)
    if element.startswith("i"):
        values = [numbers.randrange(int(options["ints"] or 4)) for _ in range(count)]
    else:
        # Multiples of 1/32 are numbers of every float type.
        low, high = (1, 128) if options["positive"] else (-64, 64)
        values = [numbers.randrange(low, high) / 32 for _ in range(count)]
    return f"--input={tensor(sizes, element, values)}"


def run(command):
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def compare(call, name, arguments, options, aliases):
    problems = []
    for rows in map(int, (options["T"] or "1,5,67").split(",")):
        numbers = random.Random(rows)
        inputs = [input_of(argument, aliases, rows, options, numbers) for argument in arguments]
        expected = run([*call, f"--function={name}", *inputs, "--reference"])
        if expected.returncode:
            return [f"@{name}: the reference: {expected.stderr.strip()}"]
        results = [parsed(line) for line in expected.stdout.splitlines()]
        within = float(options["within"] or max(
            NARROW.get(element, 2e-6) for _, element, _ in results))
        checks = [f"--expected-output={tensor(*result)}" for result in results]
        for threads in (1, 2):
            found = run([*call, f"--function={name}", *inputs, *checks,
                         f"--expected-tolerance={within}", f"--threads={threads}"])
            if found.returncode:
                problems.append(f"@{name}, T = {rows}: {found.stderr.strip()[:400]}")
                break
    return problems


def main():
    with FOLDER:
        return check(*sys.argv[1:3], f"--cache-dir={FOLDER.name}")


def check(tool, path, cache):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    aliases = dict(ALIAS.findall(text))
    problems, count = [], 0
    for comment, name, arguments in FUNCTION.findall(text):
        count += 1
        problems += compare([tool, path, cache], name, ARGUMENT.findall(arguments),
                            options_of(comment), aliases)
    for problem in problems:
        print(problem)
    print(f"{count} functions, {len(problems)} differ")
    return 1 if problems or not count else 0


if __name__ == "__main__":
    sys.exit(main())
