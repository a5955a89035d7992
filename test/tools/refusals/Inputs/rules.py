# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""rules.py MODEL RULES FOLDER: what is said of files of laws that can't be used. RULES is a folder with
wrong.rules and taken.rules."""
import pathlib
import sys

from refuse import refuse

MODEL, RULES, FOLDER = (pathlib.Path(word).resolve() for word in sys.argv[1:4])
COMPILERS = ("tern-compile", "tern-run")

FOLDER.mkdir(parents=True, exist_ok=True)


def case(name, text, *words):
    (FOLDER / f"{name}.rules").write_text(text)
    refuse(name, FOLDER, MODEL, f"--rules-file={name}.rules", *words, tools=COMPILERS)


case("operation", (RULES / "wrong.rules").read_text())
case("taken", (RULES / "taken.rules").read_text())
case("line", "; a comment\n\nrule x\n")
case("refuted", """law mine-distance R =>
  dims r
  vars x:r y:r
  lhs (sub (maximum x y) (minimum x y))
  rhs (sub x y)
  why one operation
""")
case("binary", "\0\1\2")
case("effect", "", "--rules=none")
refuse("absent", FOLDER, MODEL, "--rules-file=none.rules", tools=COMPILERS)
refuse("engine", FOLDER, MODEL, "--engine=classic", "--rules=none", tools=COMPILERS)
refuse("spelling", FOLDER, MODEL, "--engine=classic", "--import=primitive", tools=COMPILERS)
left = sorted(path.name for path in FOLDER.glob("*.mlir"))
print(f"left: {left}")
