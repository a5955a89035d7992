#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Each operation of the tern and kv dialects is compared with its reference by a function of this
folder, or is named below with what else tests it."""

import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
# Classes that only operations derive from, with the mnemonic first.
OPERATION = re.compile(r"def \w+Op\b[^;{]*?:\s*(?:Tern|KV)_\w+<\"(\w+)\"", re.S)
ELSEWHERE = {
    "tern.dim": "a declaration, in every file",
    "tern.weight": "read by load functions: integration.llama",
    "tern.loaded": "what load functions computed: integration.llama",
    "tern.pack": "conformance.CPU.Contraction, integration.llama",
    "tern.repeat": "layer templates: integration.llama",
    "tern.dispatch": "what every kernel is made from",
    "tern.yield": "the end of a dispatch",
    "tern.sample": "conformance.CPU.Sampling",
    "kv.append": "conformance.CPU.Attention, integration.llama",
    "tern.choice": "decided before anything is compiled: test/passes/Saturate/choice.mlir",
    "kv.keys": "read by the reference alone: test/unit/Expand",
    "kv.values": "read by the reference alone: test/unit/Expand",
    "kv.positions": "read by the reference alone: test/unit/Expand",
    "kv.visible": "read by the reference alone: test/unit/Expand",
    "kv.attend": "conformance.CPU.Attention, integration.llama",
    "kv.convolve": "conformance.CPU.Recurrence, integration.llama",
    "kv.scan": "conformance.CPU.Recurrence, integration.llama",
}


def operations():
    for dialect in ("Tern", "KV"):
        for path in sorted((ROOT / "dialects" / dialect / "IR").glob("*.td")):
            for mnemonic in OPERATION.findall(path.read_text(encoding="utf-8")):
                yield f"{dialect.lower()}.{mnemonic}"


def main():
    used = set()
    for path in HERE.glob("*.mlir"):
        used.update(re.findall(r"\b((?:tern|kv)\.\w+)", path.read_text(encoding="utf-8")))
    known = list(operations())
    problems = [f"{name}: no function here compares it with its reference"
                for name in known if name not in used and name not in ELSEWHERE]
    problems += [f"{name}: is no operation any more" for name in ELSEWHERE if name not in known]
    for problem in problems:
        print(problem)
    print(f"{len(known)} operations, {len(problems)} without a test")
    return 1 if problems or len(known) < 50 else 0


if __name__ == "__main__":
    sys.exit(main())
