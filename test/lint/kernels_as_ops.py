#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""passes/CPU builds kernels as operations: no intrinsics of C, no assembly, no IR as text.

An intrinsic's name in a call_intrinsic operation is fine, and so is an empty inline_asm, which is a
barrier to the optimiser.
"""

import re

import tree

FORBIDDEN = {
    r"#\s*include\s*<(\w*intrin|arm_\w+)\.h>": "a header of intrinsics",
    r"\b_mm\d*_\w+|\b__builtin_ia32_\w+": "an intrinsic of C",
    r"\b(__)?asm(__)?\s*(volatile|goto)?\s*\(": "assembly",
    r"\bparseSource(String|File)\b|\bparseAssembly(String|File)?\b|\bparseIR(File)?\b":
        "IR as text",
}
# InlineAsmOp::create(b, loc, results, operands, asm_string, constraints, ...): the string.
BARRIER = re.compile(r"\bInlineAsmOp::create\s*\((?P<arguments>[^;]*);", re.S)


def main():
    problems = []
    names = tree.files(*tree.CXX, folders=["passes/CPU"])
    for name in names:
        text = tree.read(name)
        code = tree.code_of(text)
        for pattern, what in FORBIDDEN.items():
            for match in re.finditer(pattern, code):
                line = code.count("\n", 0, match.start()) + 1
                problems.append(f"{name}:{line}: {what}: {match[0].strip()}")
        for match in BARRIER.finditer(text):
            strings = re.findall(r'"((?:[^"\\]|\\.)*)"', match["arguments"])
            if not strings or strings[0]:
                line = text.count("\n", 0, match.start()) + 1
                problems.append(f"{name}:{line}: an inline_asm that is not visibly empty")
    tree.report(problems, f"{len(names)} files of passes/CPU")


if __name__ == "__main__":
    main()
