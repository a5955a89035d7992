#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes quant/ggml/case.safetensors: what ggml's quantisers make of some rows.

  make_quant.py GGML CASE

GGML is the library ggml-base of the version below, built for plain x86-64 (`-DGGML_NATIVE=OFF`), which
has no fused multiply-add. CASE is the goldens' quant/gguf/case.safetensors, whose rows are taken and
joined by rows of normal numbers of several sizes, some with a few large ones or an offset. `x`
[rows, 512], and for each type its bytes [rows, bytes].
Needs numpy 2 and safetensors.
"""
import ctypes
import pathlib
import sys

import numpy
from safetensors.numpy import load_file, save_file

GGML = "ggml 0.21.0 (d99724f2)"
# Bytes of a row of 512.
TYPES = {"q2_K": 168, "q3_K": 220, "q4_K": 288, "q5_K": 352, "q6_K": 420, "iq4_nl": 288,
         "iq4_xs": 272}


def rows(case):
    numbers = numpy.random.default_rng(20261125)
    normal = numbers.standard_normal((24, 512)) * 2.0 ** numpy.linspace(-12, 4, 24)[:, None]
    normal[16:] *= numpy.where(numbers.random((8, 512)) < 0.02, 12, 1)
    normal[20:] += 0.5 * numpy.abs(normal[20:]).max(axis=1, keepdims=True)
    return numpy.concatenate([load_file(case)["x"], normal.astype(numpy.float32)])


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    library = ctypes.CDLL(sys.argv[1])
    x = numpy.ascontiguousarray(rows(sys.argv[2]))
    tensors = {"x": x}
    for name, size in TYPES.items():
        out = numpy.zeros((len(x), size), numpy.uint8)
        quantise = library[f"quantize_{name}"]
        quantise.restype = ctypes.c_size_t
        quantise.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64,
                             ctypes.c_void_p]
        # Row by row: the library asks another one for the bytes of a row.
        for row, to in zip(x, out):
            if quantise(row.ctypes.data, to.ctypes.data, 1, 512, None) != size:
                sys.exit(f"{name}: expected {size} bytes a row")
        tensors[f"{name}.bytes"] = out
    target = pathlib.Path(__file__).parent / "quant/ggml/case.safetensors"
    target.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, target, {"made by": GGML})


if __name__ == "__main__":
    main()
