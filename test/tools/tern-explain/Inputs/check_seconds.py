# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""check_seconds.py WHY.json [SATURATED.mlir]: what no law changed costs what it did. With a module, all of whose function
was rewritten into the kernel, the answer's seconds are those that it records, but for reading the argument."""
import json
import re
import sys

answers = json.load(open(sys.argv[1], encoding="utf-8"))
for answer in answers:
    seconds = answer["seconds"]
    is_same = abs(seconds["chosen"] - seconds["written"]) <= 1e-6 * seconds["written"]
    assert answer["laws"] or is_same, f"{answer['terms']}: expected equal seconds, found {seconds}"
if len(sys.argv) == 2:
    print(f"{len(answers)} answers: what no law changed costs what it did")
    sys.exit()
[answer] = answers
recorded = re.search(r"functions = {f = array<f64: (\S+), (\S+), \S+>}", open(sys.argv[2], encoding="utf-8").read())
for name, seconds in zip(("written", "chosen"), map(float, recorded.groups())):
    found = answer["seconds"][name]
    assert 0.99 * seconds < found < (1 + 1e-9) * seconds, f"{name}: expected {seconds}, found {found}"
print("written and chosen are right")
