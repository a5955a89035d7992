# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""processor.py MODEL FOLDER CPU: what is said of code for a CPU that this one can't stand for, as an
artefact and, before it is compiled, as a wish."""
import pathlib
import subprocess
import sys

from refuse import refuse

SEED, FOLDER, CPU = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]), sys.argv[3]

FOLDER.mkdir(parents=True, exist_ok=True)
subprocess.run(["tern-compile", SEED, f"-o{FOLDER / 'm.tern'}", f"--target-cpu={CPU}"], check=True)
refuse("artefact", FOLDER, "m.tern", tools=("tern-run",))
refuse("model", FOLDER, SEED, f"--target-cpu={CPU}", tools=("tern-run",))
