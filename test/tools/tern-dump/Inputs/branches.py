# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""branches.py FILE: how many branches the assembly of a kernel has, and how many go to where no
instruction begins."""
import pathlib
import re
import sys

text = pathlib.Path(sys.argv[1]).read_text()
begins = set(re.findall(r"^ *([0-9a-f]+):", text, re.M))
targets = re.findall(r"\tj\w+\t0x([0-9a-f]+)$", text, re.M)
print(f"{len(targets)} branches, {sum(target not in begins for target in targets)} to no instruction")
