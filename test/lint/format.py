#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""C and C++ are as clang-format writes them, by the tree's .clang-format."""

import subprocess

import tree


def main():
    names = tree.files(*tree.CXX)
    shown = subprocess.run(["clang-format-22", "--dry-run", *names], cwd=tree.ROOT, check=True,
                           stderr=subprocess.PIPE, text=True).stderr
    places = [line for line in shown.splitlines() if "[-Wclang-format-violations]" in line]
    tree.report(places, f"{len(names)} files")


if __name__ == "__main__":
    main()
