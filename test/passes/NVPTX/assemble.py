#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""assemble.py BIN PTXAS FOLDER MODEL...: ptxas takes what models are compiled to, for each chip.

Each model is compiled for the least chip with --numerics=exact and fast. ptxas must say nothing but
what it informs of, and no contraction and no attention may keep registers in memory.
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

CHIPS = ["sm_80", "sm_86", "sm_89", "sm_90"]
# What ptxas may warn of.
WARNINGS = []
MUST_NOT_SPILL = re.compile(r"(contraction|attention)_")

KERNEL = re.compile(r"Compiling entry function '(\S+)'")
SPILLS = re.compile(r"(\d+) bytes spill stores, (\d+) bytes spill loads")


def run(*words):
    done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


def spills(report):
    """(kernel, bytes written and read) of each that has some."""
    kernel = None
    for line in report.splitlines():
        kernel = match[1] if (match := KERNEL.search(line)) else kernel
        if (match := SPILLS.search(line)) and int(match[1]) + int(match[2]):
            yield kernel, int(match[1]) + int(match[2])


def said(report):
    """What ptxas says beside what it informs of."""
    informs = re.compile(r"\s*$|ptxas info |    \d+ bytes stack frame")
    for line in report.splitlines():
        if not informs.match(line) and not any(known in line for known in WARNINGS):
            yield line


def assemble(ptxas, text, chip):
    """Problems, kernels, and spills of other kernels than those that must have none."""
    code, report = run(ptxas, "-v", f"-arch={chip}", "-o", text.with_suffix(f".{chip}"), text)
    problems = [f"{chip}: {line}" for line in said(report)]
    if code != 0 and not problems:
        problems.append(f"{chip}: exit code {code}")
    others = 0
    for kernel, size in spills(report):
        if MUST_NOT_SPILL.match(kernel):
            problems.append(f"{chip}: {kernel} keeps registers in memory: {size} bytes")
        else:
            others += 1
    return problems, len(KERNEL.findall(report)), others


def check(tools, ptxas, folder, model, numerics):
    name = f"{model.name} {numerics}"
    artefact = folder / f"{model.name}.{numerics}.tern"
    text = artefact.with_suffix(".ptx")
    code, output = run(tools / "tern-compile", model, f"--target={CHIPS[0]}",
                       f"--numerics={numerics}", "-o", artefact)
    if code == 0:
        code, output = run(tools / "tern-dump", artefact, f"--save-ptx={text}")
    if code != 0:
        return name, [f"exit code {code}: {output.strip()}"], 0, 0, False
    problems, kernels, others = [], 0, 0
    for chip in CHIPS:
        found, count, more = assemble(ptxas, text, chip)
        problems, kernels, others = problems + found, kernels + count, others + more
    if not problems:
        for path in folder.glob(f"{artefact.stem}.*"):
            path.unlink()
    if kernels == 0:
        problems.append("expected kernels, found none")
    return name, problems, kernels, others, False


def main():
    tools, ptxas, folder = map(pathlib.Path, sys.argv[1:4])
    folder.mkdir(parents=True, exist_ok=True)
    jobs = [(pathlib.Path(model), numerics) for model in sys.argv[4:]
            for numerics in ("exact", "fast")]
    failed, kernels, others, refused = 0, 0, 0, []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, problems, count, more, isRefused in pool.map(
                lambda job: check(tools, ptxas, folder, *job), jobs):
            kernels, others, failed = kernels + count, others + more, failed + bool(problems)
            refused += [name] if isRefused else []
            for problem in problems:
                print(f"{name}: {problem}", flush=True)
    if refused:
        print("no kernels yet for", ", ".join(refused))
    print(f"{len(jobs) - len(refused) - failed} compiled, {failed} with problems, {kernels} times a "
          f"kernel was assembled; {others} of those that may keep registers in memory do")
    sys.exit(failed != 0 or kernels == 0)


if __name__ == "__main__":
    main()
