# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Counts the lines of the checker of proofs, which is trusted because it can be read (docs/trust.md): those that hold a
letter or a digit and are neither comments, nor lines for the preprocessor, nor begin or end a namespace."""
import pathlib
import re
import sys

MOST = 1999
FOLDER = pathlib.Path(__file__).resolve().parents[2] / "tools/tern-explain/check"
SKIPPED = re.compile(r"\s*//|#|namespace |} // namespace")

lines = [line for path in sorted(FOLDER.glob("*.[ch]*")) for line in path.read_text().splitlines()]
count = sum(bool(re.search("[A-Za-z0-9]", line)) and not SKIPPED.match(line) for line in lines)
print(f"tools/tern-explain/check has {count} lines, expected {MOST} at most")
sys.exit(count > MOST)
