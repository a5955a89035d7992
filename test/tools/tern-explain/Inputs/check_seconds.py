# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""check_seconds.py WHY.json SATURATED.mlir: all of the function was rewritten into the kernel, so the answer's seconds
are those that the module records, but for reading the argument."""
import json
import re
import sys

[answer] = json.load(open(sys.argv[1], encoding="utf-8"))
recorded = re.search(r"functions = {f = array<f64: (\S+), (\S+), \S+>}", open(sys.argv[2], encoding="utf-8").read())
for name, seconds in zip(("written", "chosen"), map(float, recorded.groups())):
    found = answer["seconds"][name]
    assert 0.99 * seconds < found < (1 + 1e-9) * seconds, f"{name}: expected {seconds}, found {found}"
print("written and chosen are right")
