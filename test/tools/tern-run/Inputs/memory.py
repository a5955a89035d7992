# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""memory.py MODEL FOLDER: the memory that tern-run holds at most, once weights are packed, beyond
the packed weights and the cache blocks in use."""
import os
import pathlib
import subprocess
import sys

MODEL, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])
TOKENS = 300
# 110m: 12 layers of 12 heads; a block has 64 positions of K and V, 64 wide, in f16, and as i32.
BLOCKS = 12 * 12 * -(-TOKENS // 64) * (64 * 64 * 2 * 2 + 64 * 4)

for _ in range(2):  # the first packs
    prompt = ",".join(str(i) for i in range(TOKENS - 4))
    process = subprocess.Popen(["tern-run", FOLDER / "m.tern", f"--weights={MODEL}", "--threads=2",
                                f"--tokens={prompt}", "--max-tokens=4", "--ignore-eos",
                                f"--cache-dir={FOLDER / 'cache'}"], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
packed = sum(path.stat().st_size for path in (FOLDER / "cache/weights").glob("*.packed"))
beyond = usage.ru_maxrss * 1024 - packed - BLOCKS
print(f"exit code {os.waitstatus_to_exitcode(status)}, "
      f"{'at most' if beyond <= 100e6 else 'more than'} 100 MB beyond: "
      f"{beyond / 1e6:.0f} MB with {packed / 1e6:.0f} MB packed")
