#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Damages the head of a model file in many ways and runs a command on each result.

  mutate.py SEED [--part=NAME] [--count=600] [--seed=1] [--timeout=10] [--keep=DIR] -- COMMAND...

SEED is an artefact, a GGUF file, a safetensors file, or a directory; of a directory a copy is made and the file
NAME (default: model.safetensors) is damaged in it. {} in COMMAND stands for the damaged file or
directory. Each mutation changes one byte, one u32, one u64 or, in JSON, one number or value of the
head to a boundary value, or cuts the file short. Half of those in GGUF files hit a field that the
format defines (a count, length, type, size or offset), the others any place of the head.

The command must end with 0 or, with a sentence on stderr, 1. Anything else is a fault: a signal,
another exit code (those of sanitizers included), or more than the timeout. Prints how many were
refused, ran, and ran with other output than the undamaged seed; exits with 1 if there are faults.
The same arguments make the same mutations.
"""
import argparse
import collections
import os
import pathlib
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile

BYTES = [0, 1, 2, 0x7F, 0x80, 0xFE, 0xFF]
U32 = [0, 1, 2, 31, 32, 33, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF]
U64 = [0, 1, 31, 33, 0x7FFFFFFF, 0xFFFFFFFF, 1 << 32, 1 << 40, (1 << 61) + 1, (1 << 62) + 1,
       (1 << 63) - 1, 1 << 63, (1 << 64) - 32, (1 << 64) - 1]
NUMBERS = ["0", "-1", "1", "2", "3", "7", "0.5", "-0.0", "1e-320", "1e308", "1e999", "65537",
           "2147483647", "2147483648", "4294967295", "4294967296", "9223372036854775807",
           "9223372036854775808", "18446744073709551615", "18446744073709551616"]
VALUES = ["null", "true", "\"\"", "\"x\"", "[]", "{}", "[1]", "{\"a\":1}", "[" * 5000, "\"\\u0000\"",
          "\"../x\"", "\"\\ud800\""]
SANITIZERS = {"ASAN_OPTIONS": "exitcode=99:detect_leaks=0", "UBSAN_OPTIONS": "exitcode=99"}


class GgufFields:
    """Offsets of the fields in the head of a GGUF file, with their widths in bytes."""
    SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}

    def __init__(self, raw):
        self.raw, self.at, self.fields = raw, 0, []
        self.number(4)
        self.number(4)
        tensors, keys = self.number(8), self.number(8)
        for _ in range(keys):
            self.text()
            self.value(self.number(4))
        for _ in range(tensors):
            self.text()
            for _ in range(self.number(4)):
                self.number(8)
            self.number(4)
            self.number(8)

    def number(self, width):
        self.fields.append((self.at, width))
        self.at += width
        return int.from_bytes(self.raw[self.at - width:self.at], "little")

    def text(self):
        size = self.number(8)
        self.at += size

    def value(self, kind):
        if kind == 8:
            self.text()
        elif kind == 9:
            element, count = self.number(4), self.number(8)
            known = len(self.fields)
            for _ in range(count):
                self.value(element)
            del self.fields[known + 8:]  # the first few stand for all elements
        else:
            self.number(self.SIZES[kind])


def patched(raw, at, width, value):
    return raw[:at] + (value % (1 << 8 * width)).to_bytes(width, "little") + raw[at + width:]


def mutate_place(raw, at, width, rng):
    """Changes a number of `width` bytes, which may also only differ by one or in a bit."""
    old = int.from_bytes(raw[at:at + width], "little")
    values = {1: BYTES, 2: U32, 4: U32, 8: U64}[width]
    near = [old + 1, old - 1, old * 2, old ^ 1 << rng.randrange(8 * width), len(raw), -1 - old]
    return patched(raw, at, width, rng.choice(values + near))


def cut(raw, head, rng):
    return raw[:rng.randrange(rng.choice([head, len(raw)]))]


def mutate_gguf(raw, rng, fields, head):
    way = rng.randrange(20)
    if way == 0:
        return cut(raw, head, rng)
    if way <= 10:
        at, width = rng.choice(fields)
    else:
        width = rng.choice([1, 4, 8])
        at = rng.randrange(head - width)
    return mutate_place(raw, at, width, rng)


def mutate_json(text, rng):
    way = rng.randrange(10)
    if way < 4:
        spots = [m.span() for m in re.finditer(rb"-?\d+(\.\d+)?([eE][-+]?\d+)?", text)]
        new = rng.choice(NUMBERS)
    elif way < 7:
        spots = [m.span(1) for m in re.finditer(rb":\s*([^,{}\[\]]+|\[[^\[\]]*\])", text)]
        new = rng.choice(VALUES)
    else:
        at = rng.randrange(len(text))
        spots = [(at, at + rng.choice([0, 1, 1, 20]))]
        new = rng.choice(["", "\0", "\x7f", "{", "}", "[", "]", ",", ":", "\"", "\\", "9", "-"])
    begin, end = rng.choice(spots)
    return text[:begin] + new.encode() + text[end:]


def mutate_safetensors(raw, rng):
    head = 8 + struct.unpack_from("<Q", raw)[0]
    way = rng.randrange(10)
    if way == 0:
        return cut(raw, head, rng)
    if way == 1:
        return mutate_place(raw, 0, 8, rng)
    if way == 2:
        return mutate_place(raw, rng.randrange(head), 1, rng)
    text = mutate_json(raw[8:head], rng)
    return struct.pack("<Q", len(text)) + text + raw[head:]


def artefact_places(raw):
    """Ranges of the header and of each section, the small ones as often as the large."""
    count, places = struct.unpack_from("<I", raw, 12)[0], [(0, 64)]
    for entry in range(64, 64 + 64 * count, 64):
        offset, length = struct.unpack_from("<QQ", raw, entry + 16)
        places += [(entry, entry + 64), (offset, offset + length)]
    return places


def mutate_artefact(raw, rng, places):
    if rng.randrange(20) == 0:
        return cut(raw, 4096, rng)
    begin, end = rng.choice(places)
    width = rng.choice([width for width in (1, 4, 8) if width <= end - begin])
    return mutate_place(raw, rng.randrange(begin, end - width + 1), width, rng)


def mutator(name, raw):
    if raw.startswith(b"TERN-ART"):
        places = artefact_places(raw)
        return lambda rng: mutate_artefact(raw, rng, places)
    if raw.startswith(b"GGUF"):
        parsed = GgufFields(raw)
        return lambda rng: mutate_gguf(raw, rng, parsed.fields, parsed.at)
    if name.endswith(".safetensors"):
        return lambda rng: mutate_safetensors(raw, rng)
    return lambda rng: cut(raw, len(raw), rng) if rng.randrange(12) == 0 else mutate_json(raw, rng)


def run(command, target, timeout):
    """(kind of end, output): refused, ran, or a fault in words."""
    line = [part.replace("{}", str(target)) for part in command]
    process = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env={**os.environ, **SANITIZERS},
                               start_new_session=True)
    try:
        output, errors = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return f"hung for {timeout} s", b""
    if process.returncode < 0:
        return f"killed by {signal.Signals(-process.returncode).name}", errors
    if process.returncode == 0:
        return "ran", output
    if process.returncode == 1:
        return ("refused" if errors.strip() else "refused without a word"), errors
    return f"exit code {process.returncode}", errors


def main():
    parser = argparse.ArgumentParser(usage=__doc__.splitlines()[2].strip())
    parser.add_argument("model", metavar="SEED", type=pathlib.Path)
    parser.add_argument("--part", default="model.safetensors")
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=10)
    parser.add_argument("--keep", type=pathlib.Path, help="where files that cause faults are kept")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        target = pathlib.Path(folder) / options.model.name
        if options.model.is_dir():
            shutil.copytree(options.model, target, copy_function=shutil.copyfile)
            target.chmod(0o755)
            damaged = target / options.part
        else:
            shutil.copyfile(options.model, target)
            damaged = target
        raw = damaged.read_bytes()
        kind, whole = run(options.command, target, options.timeout)
        if kind != "ran":
            sys.exit(f"mutate.py: {options.model}: expected the undamaged seed to run, it {kind}: "
                     f"{whole.decode(errors='replace')}")
        sys.exit(campaign(options, target, damaged, mutator(damaged.name, raw), raw, whole))


def campaign(options, target, damaged, mutate, raw, whole):
    counts, faults = collections.Counter(), 0
    rng = random.Random(options.seed)
    for number in range(options.count):
        while (mutant := mutate(rng)) == raw:
            pass
        damaged.write_bytes(mutant)
        kind, output = run(options.command, target, options.timeout)
        if kind == "ran" and output != whole:
            kind = "ran with other output"
        counts[kind] += 1
        if kind in ("refused", "ran", "ran with other output"):
            continue
        faults += 1
        print(f"mutation {number}: {kind}\n{output.decode(errors='replace')[:2000]}")
        if options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
            (options.keep / f"{number}-{damaged.name}").write_bytes(mutant)
    print(f"{damaged.name}: {options.count} mutations: "
          + ", ".join(f"{counts[kind]} {kind}" for kind in sorted(counts)))
    return 1 if faults else 0


if __name__ == "__main__":
    main()
