# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares lines of numbers: same_numbers.py FOUND EXPECTED TOLERANCE."""
import sys

found, expected = ([[float(word) for word in line.split()] for line in open(path)]
                   for path in sys.argv[1:3])
shapes = [[len(line) for line in lines] for lines in (found, expected)]
assert shapes[0] == shapes[1], shapes
worst = max(abs(a - b) for f, e in zip(found, expected) for a, b in zip(f, e))
assert worst <= float(sys.argv[3]), worst
print(f"{len(found)} lines of {shapes[0][0]} numbers agree")
