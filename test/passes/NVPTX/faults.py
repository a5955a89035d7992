#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Plants faults in kernels for a GPU, one at a time, and sees that each is told or its results are wrong.

  faults.py BUILD MODEL [--shard=I/N] [--explore=SEED]

MODEL is compiled for sm_80 up to the stage `codegen`, whose text is changed in one place; the emulator
runs what is compiled from there. FAULTS says which kernel, which change, at which of the places where
it could be made, and what is said of it: a part of the emulator's sentence, or WRONG where logits or
tokens differ by more than rounding does. --explore tries places at random and prints what comes of them.
"""
import argparse
import pathlib
import random
import re
import struct
import subprocess
import sys
import tempfile

WRONG = "wrong results"
RACE = "with no barrier between"
UNORDERED = "nothing orders the two"
LANES = "are not here"
BEYOND = "but there are"
EMPTY = "which nobody has written"
LATE = "to which an asynchronous copy is under way"
OUTSIDE = "behind the end of"
ALIGNMENT = "which is not aligned"
# Of the largest logit: rounding of sums in another order stays far below.
ROUNDING = 1e-3

# What is replaced by what.
CHANGES = {
    "barrier dropped": (r"nvvm\.barrier0", ""),
    "barrier of a warp dropped": (r"nvvm\.bar\.warp\.sync[^\n]*", ""),
    "copies not waited for": (r"(cp\.async\.wait\.group) \d", r"\1 7"),
    "copies not committed": (r"nvvm\.cp\.async\.commit\.group", ""),
    "copy not made": (r"nvvm\.cp\.async\.shared\.global [^\n]*", ""),
    "swizzle by or": (r"arith\.xori (%\d+, %\d+ : i32)", r"arith.ori \1"),
    "bound one too far": (r"arith\.cmpi slt,", "arith.cmpi sle,"),
    "unsigned bound one too far": (r"arith\.cmpi ult,", "arith.cmpi ule,"),
    "shuffle at half the distance": (r"(%c)16(_i32\S* = arith\.constant) 16 : i32", r"\g<1>16\2 8 : i32"),
    "offset of the next word": (r"(getelementptr inbounds %\S+)\[(\d*[1-9]\d*)\]",
                                lambda found: f"{found[1]}[{int(found[2]) + 4}]"),
    "index squared": (r"arith\.muli (%\S+), %c\d\S+ :", r"arith.muli \1, \1 :"),
    "sum of indices for their difference": (r"arith\.subi", "arith.addi"),
    "sum of numbers for their difference": (r"arith\.subf", "arith.addf"),
    "smallest for largest": (r"arith\.maxnumf (%\S+), (%\S+) :", r"arith.minnumf \1, \2 :"),
    "largest index for smallest": (r"arith\.minsi (%\S+), (%\S+) :", r"arith.maxsi \1, \2 :"),
    "fragment transposed": (r"layout = #nvvm\.mma_layout<row>, num = 4",
                            "layout = #nvvm.mma_layout<col>, num = 4"),
    "shift to the other side": (r"arith\.shrui (%\S+), (%\S+) : i32", r"arith.shli \1, \2 : i32"),
    "all other lanes": (r"arith\.cmpi eq, (%\S+), (%\S+) : i32", r"arith.cmpi ne, \1, \2 : i32"),
}

# Kernels by their names, with N for numbers, and which of those; the change; which of its places; what
# comes of it.
FAULTS = [
    ("append_N", 0, "index squared", 15, OUTSIDE),
    ("append_N", 0, "shift to the other side", 8, WRONG),
    ("append_N", 0, "shuffle at half the distance", 3, WRONG),
    ("append_N", 0, "sum of numbers for their difference", 0, WRONG),
    ("append_N", 0, "unsigned bound one too far", 0, OUTSIDE),
    ("attention_N", 0, "index squared", 95, WRONG),
    ("attention_N", 0, "largest index for smallest", 0, OUTSIDE),
    ("attention_N", 0, "unsigned bound one too far", 3, RACE),
    ("attention_N_apart", 0, "largest index for smallest", 0, OUTSIDE),
    ("attention_N_apart", 0, "shift to the other side", 7, RACE),
    ("contraction_N", 3, "bound one too far", 1, OUTSIDE),
    ("contraction_N", 2, "bound one too far", 1, OUTSIDE),
    ("contraction_N", 0, "index squared", 1, ALIGNMENT),
    ("contraction_N", 1, "index squared", 6, ALIGNMENT),
    ("contraction_N", 1, "largest index for smallest", 0, OUTSIDE),
    ("contraction_N", 3, "largest index for smallest", 0, OUTSIDE),
    ("contraction_N", 0, "offset of the next word", 2, ALIGNMENT),
    ("contraction_N", 0, "shift to the other side", 0, OUTSIDE),
    ("contraction_N", 3, "shift to the other side", 0, OUTSIDE),
    ("contraction_N", 3, "shuffle at half the distance", 0, UNORDERED),
    ("contraction_N", 0, "shuffle at half the distance", 0, UNORDERED),
    ("contraction_N", 0, "sum of indices for their difference", 0, OUTSIDE),
    ("contraction_N", 3, "sum of indices for their difference", 0, OUTSIDE),
    ("contraction_N", 1, "sum of numbers for their difference", 0, WRONG),
    ("contraction_N_ROWS", 0, "all other lanes", 0, UNORDERED),
    ("contraction_N_ROWS", 1, "all other lanes", 1, UNORDERED),
    ("contraction_N_ROWS", 1, "index squared", 0, ALIGNMENT),
    ("contraction_N_ROWS", 0, "index squared", 5, ALIGNMENT),
    ("contraction_N_ROWS", 0, "largest index for smallest", 0, OUTSIDE),
    ("contraction_N_ROWS", 1, "largest index for smallest", 0, OUTSIDE),
    ("contraction_N_ROWS", 0, "offset of the next word", 5, OUTSIDE),
    ("contraction_N_ROWS", 1, "offset of the next word", 9, WRONG),
    ("contraction_N_ROWS", 1, "shift to the other side", 1, LANES),
    ("contraction_N_ROWS", 0, "shuffle at half the distance", 1, WRONG),
    ("contraction_N_ROWS", 1, "shuffle at half the distance", 4, WRONG),
    ("contraction_N_ROWS", 0, "sum of indices for their difference", 0, OUTSIDE),
    ("contraction_N_ROWS", 1, "sum of indices for their difference", 1, WRONG),
    ("contraction_N_many", 3, "barrier dropped", 1, LATE),
    ("contraction_N_many", 2, "barrier dropped", 0, EMPTY),
    ("contraction_N_many", 2, "copies not committed", 0, LATE),
    ("contraction_N_many", 4, "copies not committed", 0, LATE),
    ("contraction_N_many", 1, "copies not waited for", 0, LATE),
    ("contraction_N_many", 0, "copies not waited for", 0, LATE),
    ("contraction_N_many", 1, "copy not made", 0, EMPTY),
    ("contraction_N_many", 0, "copy not made", 1, EMPTY),
    ("contraction_N_many", 2, "copy not made", 6, EMPTY),
    ("contraction_N_many", 4, "swizzle by or", 2, WRONG),
    ("contraction_N_many", 2, "swizzle by or", 0, RACE),
    ("contraction_N_many", 3, "swizzle by or", 3, WRONG),
    ("contraction_N_many", 3, "index squared", 30, ALIGNMENT),
    ("contraction_N_many", 1, "index squared", 43, WRONG),
    ("contraction_N_many", 3, "largest index for smallest", 6, OUTSIDE),
    ("contraction_N_many", 2, "largest index for smallest", 0, OUTSIDE),
    ("contraction_N_many", 3, "shift to the other side", 6, WRONG),
    ("contraction_N_many", 0, "shift to the other side", 5, BEYOND),
    ("contraction_N_many", 1, "shuffle at half the distance", 4, ALIGNMENT),
    ("contraction_N_many", 4, "sum of indices for their difference", 0, OUTSIDE),
    ("gather_N_ROWS", 1, "index squared", 4, ALIGNMENT),
    ("gather_N_ROWS", 0, "largest index for smallest", 0, WRONG),
    ("gather_N_ROWS", 1, "shift to the other side", 0, LANES),
    ("gather_N_ROWS", 0, "shift to the other side", 0, LANES),
    ("gather_N_ROWS", 0, "shuffle at half the distance", 10, WRONG),
    ("gather_N_ROWS", 1, "sum of indices for their difference", 0, WRONG),
    ("gather_N_ROWS", 0, "sum of indices for their difference", 0, WRONG),
    ("gather_N_ROWS", 0, "sum of numbers for their difference", 1, WRONG),
    ("gather_N_ROWS", 0, "unsigned bound one too far", 5, RACE),
    ("gather_N_ROWS", 1, "unsigned bound one too far", 0, OUTSIDE),
    ("rows_N", 5, "index squared", 3, ALIGNMENT),
    ("rows_N", 0, "index squared", 4, ALIGNMENT),
    ("rows_N", 0, "shift to the other side", 0, WRONG),
    ("rows_N", 7, "shift to the other side", 4, WRONG),
    ("rows_N", 5, "shuffle at half the distance", 0, WRONG),
    ("rows_N", 0, "shuffle at half the distance", 0, WRONG),
    ("rows_N", 4, "sum of numbers for their difference", 0, WRONG),
    ("rows_N", 3, "sum of numbers for their difference", 0, WRONG),
    ("rows_N", 3, "swizzle by or", 0, WRONG),
    ("rows_N", 4, "swizzle by or", 0, WRONG),
    ("rows_N", 1, "unsigned bound one too far", 1, RACE),
    ("sampling_N", 0, "shift to the other side", 0, LANES),
    ("sampling_N", 0, "unsigned bound one too far", 6, RACE),
]


class Model:
    def __init__(self, build, path, folder):
        self.programs, self.path, self.folder = build / "bin", path, folder
        target = folder / "whole.mlir"
        self.tool("tern-compile", path, "--target=sm_80", "--max-context=128",
                  "--compile-to=codegen", "-o", target, check=True)
        self.text = target.read_text()
        start = self.text.index("module @device")
        self.kernels = {found[1]: (start + found.start(), start + found.end()) for found in re.finditer(
            r"^    func\.func @(\w+)\(.*?^    }", self.text[start:], re.S | re.M)}
        self.right = self.run(self.text)
        if isinstance(self.right, str):
            sys.exit(f"faults.py: {self.right}")

    def tool(self, name, *arguments, check=False):
        return subprocess.run([self.programs / name, *arguments], capture_output=True, text=True,
                              check=check, timeout=300)

    def run(self, text):
        """Tokens and logits, or what is said."""
        source, artefact, logits = (self.folder / f"faulty{end}" for end in [".mlir", ".tern", ".npy"])
        source.write_text(text)
        done = self.tool("tern-compile", source, "--compile-from=codegen", "--target=sm_80",
                         f"--weights={self.path}", "-o", artefact)
        if done.returncode == 0:
            done = self.tool("tern-run", artefact, f"--weights={self.path}", "--device=emulator",
                             "--no-cache", f"--tokens={','.join(map(str, range(3, 23)))}",
                             "--max-tokens=3", "--temperature=0.8", "--seed=1",
                             f"--save-logits={logits}")
        if done.returncode != 0:
            return done.stderr.strip()
        raw = logits.read_bytes()
        (head,) = struct.unpack_from("<H", raw, 8)
        return done.stdout, struct.unpack(f"<{(len(raw) - 10 - head) // 4}f", raw[10 + head:])

    def named(self, pattern, number):
        """The kernel of that number among those whose names are alike."""
        alike = re.compile(pattern.replace("ROWS", r"rows(_\d+)+").replace("N", r"\d+"))
        return [kernel for kernel in self.kernels if alike.fullmatch(kernel)][number]

    def places(self, kernel, change):
        begin, end = self.kernels[kernel]
        return list(re.finditer(CHANGES[change][0], self.text[begin:end]))

    def plant(self, kernel, change, place):
        """What comes of the fault: a sentence, WRONG, or nothing."""
        found, (begin, _) = self.places(kernel, change)[place], self.kernels[kernel]
        into = CHANGES[change][1]
        new = into(found) if callable(into) else found.expand(into)
        result = self.run(self.text[:begin + found.start()] + new + self.text[begin + found.end():])
        if isinstance(result, str):
            return result
        (tokens, logits), (right_tokens, right) = result, self.right
        scale = max(map(abs, right))
        far = any(not abs(number - other) <= ROUNDING * scale for number, other in zip(logits, right))
        return WRONG if far or tokens != right_tokens else ""


def explore(model, seed):
    chance = random.Random(seed)
    tries = [(kernel, change) for kernel in model.kernels for change in CHANGES
             if model.places(kernel, change)]
    chance.shuffle(tries)
    for kernel, change in tries:
        place = chance.randrange(len(model.places(kernel, change)))
        print(f'    ("{kernel}", "{change}", {place}, "{model.plant(kernel, change, place)}"),', flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--shard", default="0/1", metavar="I/N")
    parser.add_argument("--explore", type=int, metavar="SEED")
    arguments = parser.parse_args()
    shard, shards = map(int, arguments.shard.split("/"))
    with tempfile.TemporaryDirectory() as folder:
        model = Model(arguments.build, arguments.model, pathlib.Path(folder))
        if arguments.explore is not None:
            explore(model, arguments.explore)
            return
        missed = []
        for pattern, number, change, place, said in FAULTS[shard::shards]:
            kernel = model.named(pattern, number)
            result = model.plant(kernel, change, place)
            if said not in result or not result:
                missed.append(f"{kernel}, {change}, {place}: expected '{said}', found '{result}'")
    if missed:
        sys.exit("\n".join(missed))


if __name__ == "__main__":
    main()
