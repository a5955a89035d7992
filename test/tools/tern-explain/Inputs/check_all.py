# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""check_all.py OUT FOLDER...: saturates each .mlir of the folders with the laws of each tier, checks the proof and
prints which are refused and why.
Pieces between lines `// -----` or `//--- NAME` are files of their own."""
import pathlib
import re
import subprocess
import sys

OUT = pathlib.Path(sys.argv[1])
OUT.mkdir(parents=True, exist_ok=True)
functions = 0
for path in sorted(path for folder in sys.argv[2:] for path in pathlib.Path(folder).glob("*.mlir")):
    pieces = re.split("^// -----.*$|^//--- .*$", path.read_text(), flags=re.MULTILINE)
    for part, text in enumerate(piece for piece in pieces if "func.func" in piece):
        for tier in ("bit", "real"):
            proof = OUT / f"{path.stem}-{part}-{tier}.proof"
            saturate = f"builtin.module(tern-saturate{{rules={tier} proof={proof}}})"
            subprocess.run(["tern-opt", f"--pass-pipeline={saturate}"], input=text, text=True,
                           stdout=subprocess.DEVNULL, check=True)
            check = subprocess.run(["tern-explain", "--check", proof], capture_output=True,
                                   text=True, check=False)
            if check.returncode != 0:
                print(f"refused: {proof.name}: {check.stderr.strip().split('refused: ')[1]}")
                continue
            functions += int(check.stdout.split()[1])
print(functions, "functions")
