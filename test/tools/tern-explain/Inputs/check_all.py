# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""check_all.py FOLDER FILE.mlir...: saturates each file with the laws of each tier, checks the proof and prints
which are refused and why.
Pieces between lines `// -----` are files of their own."""
import pathlib
import subprocess
import sys

FOLDER = pathlib.Path(sys.argv[1])
FOLDER.mkdir(parents=True, exist_ok=True)
functions = 0
for path in map(pathlib.Path, sys.argv[2:]):
    for part, text in enumerate(path.read_text().split("// -----")):
        for tier in ("bit", "real"):
            proof = FOLDER / f"{path.stem}-{part}-{tier}.proof"
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
