# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""shift_correction.py MODEL FOLDER: the model with 2 less in each correction of an expert's score."""
import json
import pathlib
import shutil
import struct
import sys

MODEL, FOLDER = map(pathlib.Path, sys.argv[1:])
shutil.copytree(MODEL, FOLDER, copy_function=shutil.copyfile)
raw = bytearray((MODEL / "model.safetensors").read_bytes())
size, = struct.unpack_from("<Q", raw)
for name, fields in json.loads(raw[8:8 + size]).items():
    if name.endswith("e_score_correction_bias"):
        begin, end = (8 + size + offset for offset in fields["data_offsets"])
        numbers = struct.unpack(f"<{(end - begin) // 4}f", raw[begin:end])
        raw[begin:end] = struct.pack(f"<{len(numbers)}f", *(number - 2 for number in numbers))
(FOLDER / "model.safetensors").write_bytes(raw)
