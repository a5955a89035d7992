#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Packs what a machine with a GPU needs, so that it needs no compiler of ours.

  pack.py BUILD FOLDER [--models=NAME,...] [--kernels=FILTER] [--products=WIDTH]

The folder gets headers to build the runtime with, artefacts of small models for sm_80 with their
weights and the emulator's logits, kernels of the conformance suite with their buffers before and
after the emulator's run, functions that multiply (without their weights, which `write_weights`
makes there again), and manifest.json, which says what is what.
"""
import argparse
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test/data"))
from make_gguf import ALIGNMENT, STRING, entry, text  # noqa: E402

PROMPT, NEXT = list(range(3, 23)), [5, 9, 14]
# Of the largest logit. Where kernels round to 16 bits, one that a GPU's last bit turns moves all
# after it.
TOLERANCES = {"exact": 2e-4, "fast": 2e-2}
ROWS = [1, 8, 64, 512, 4096]
HEADERS = ["flatbuffers", "xxhash.h", "nlohmann"]


def run(*command, **options):
    subprocess.run([str(word) for word in command], check=True, **options)


def floats_of(path):
    """The bytes of the numbers of a .npy file of f32."""
    raw = path.read_bytes()
    return raw[10 + struct.unpack_from("<H", raw, 8)[0]:]


def pack_headers(build, folder):
    folder.mkdir(parents=True)
    for name in HEADERS:
        source = pathlib.Path("/usr/include", name)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    shutil.copy(build / "runtime/format/generated/artefact_generated.h", folder)


def pack_model(build, folder, source, numerics):
    name = f"{source.name}-{numerics}"
    artefact, logits = folder / f"{name}.tern", folder / f"{name}.npy"
    run(build / "bin/tern-compile", source, "--target=sm_80", f"--numerics={numerics}",
        "--max-context=128", "--embed-weights", "-o", artefact)
    # Token by token where the emulator is told what comes, as the GPU is.
    tokens = ",".join(map(str, PROMPT + NEXT))
    run(build / "bin/tern-run", artefact, "--device=emulator", "--no-cache", f"--tokens={tokens}",
        f"--prompt-length={len(PROMPT)}", "--max-tokens=0", f"--save-logits={logits}",
        stdout=subprocess.DEVNULL)
    (folder / f"{name}.logits").write_bytes(floats_of(logits))
    logits.unlink()
    return {"name": name, "artefact": f"{folder.name}/{name}.tern",
            "logits": f"{folder.name}/{name}.logits", "prompt": PROMPT, "next": NEXT,
            "tolerance": TOLERANCES[numerics]}


def pack_kernels(build, folder, test_filter):
    folder.mkdir()
    environment = dict(os.environ, TERN_RECORD_KERNELS=str(folder))
    for program in sorted((build / "bin").glob("CPU*Conformance")):
        run(program, f"--gtest_filter={test_filter}", "--gtest_brief=1", env=environment,
            stdout=subprocess.DEVNULL)
    entries = []
    for file in sorted(folder.glob("*.json")):
        entries.append(json.loads(file.read_text()))
        file.unlink()
    return entries


# Name: type in MLIR, its number in GGUF, elements of a block, and the bytes of one.
WEIGHTS = {"bf16": ("bf16", 30, 1, struct.pack("<f", 1 / 64)[2:]),
           "q4_0": ("!tern.block<4, 32, f16, zero = 8>", 2, 32, struct.pack("<e", 1 / 64) + bytes(range(16))),
           "q8_0": ("!tern.block<8, 32, f16>", 8, 32, struct.pack("<e", 1 / 64) + bytes(range(32)))}


def product(width, kind):
    x, weight = f"tensor<?x{width}xf32, #tern.dims<T>>", f"tensor<{width}x{width}x{kind}>"
    return f"""
tern.dim @T from 1 to {ROWS[-1]}
func.func private @w() -> {weight} {{
  %0 = tern.weight "w" : {weight}
  return %0 : {weight}
}}
func.func @product(%x: {x}) -> {x} {{
  %w = func.call @w() : () -> {weight}
  %0 = tern.contract "ab,cb->ac" %x, %w : {x}, {weight}
  return %0 : {x}
}}
"""


def write_weights(path, kind, width):
    """A square matrix `w` as a GGUF file: the same block over and over."""
    _, number, elements, block = WEIGHTS[kind]
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + entry("general.architecture", STRING, "none")
    head += text("w") + struct.pack("<IQQIQ", 2, width, width, number, 0)
    head += b"\0" * (-len(head) % ALIGNMENT)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(head + block * (width * width // elements))


def pack_products(build, folder, width):
    folder.mkdir()
    entries = []
    for kind, (spelt, *_) in WEIGHTS.items():
        weights, source = folder / f"{kind}.gguf", folder / f"{kind}.mlir"
        write_weights(weights, kind, width)
        source.write_text(product(width, spelt))
        run(build / "bin/tern-compile", source, "--target=sm_80", f"--weights={weights}",
            "-o", folder / f"{kind}.tern")
        weights.unlink()
        source.unlink()
        entries.append({"name": kind, "artefact": f"{folder.name}/{kind}.tern", "width": width,
                        "weights": f"{folder.name}/{kind}.gguf", "rows": ROWS})
    return entries


def pack(build, folder, models, kernels, width):
    shutil.rmtree(folder, ignore_errors=True)
    pack_headers(build, folder / "include")
    (folder / "models").mkdir()
    entries = []
    for source in models:
        for numerics in TOLERANCES:
            entries.append(pack_model(build, folder / "models", source, numerics))
    manifest = {"kernels": pack_kernels(build, folder / "kernels", kernels), "models": entries,
                "products": pack_products(build, folder / "products", width)}
    (folder / "manifest.json").write_text(json.dumps(manifest))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--models", default="")
    parser.add_argument("--kernels", default="*sm_80*", metavar="FILTER")
    parser.add_argument("--products", type=int, default=4096, metavar="WIDTH")
    arguments = parser.parse_args()
    names = arguments.models.split(",") if arguments.models else []
    pack(arguments.build.resolve(), arguments.folder.resolve(),
         [ROOT / "test/data/models" / name for name in names], arguments.kernels, arguments.products)


if __name__ == "__main__":
    main()
