# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""artefact.py MODEL FOLDER: what is said of an artefact that is damaged, foreign or of another
version, or whose weights are not those that it was compiled from."""
import pathlib
import shutil
import struct
import subprocess
import sys

from refuse import refuse

SEED, FOLDER = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
READERS = ("tern-dump", "tern-run")  # tern-compile makes artefacts and reads none


def compiled(*words):
    path = FOLDER / "compiled.tern"
    subprocess.run(["tern-compile", SEED, f"-o{path}", *words], check=True)
    return path.read_bytes()


def given(case, raw, tools=READERS, prompt="--tokens=1"):
    (FOLDER / "m.tern").write_bytes(raw)
    refuse(case, FOLDER, "m.tern", tools=tools, prompt=prompt)


def weights(case, edit):
    shutil.copyfile(SEED / "model.safetensors", FOLDER / "model.safetensors")
    edit(FOLDER / "model.safetensors")
    given(case, WHOLE, tools=("tern-run",))
    (FOLDER / "model.safetensors").unlink(missing_ok=True)


def changed(path):
    raw = path.read_bytes()
    path.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))


def section(name):
    """Offset of the section's entry in the header."""
    return WHOLE.index(name.encode() + b"\0", 64, 4096)


def put(offset, form, value):
    return WHOLE[:offset] + struct.pack(form, value) + WHOLE[offset + struct.calcsize(form):]


def damaged(name):
    offset, = struct.unpack_from("<Q", WHOLE, section(name) + 16)
    return put(offset + 100, "<B", WHOLE[offset + 100] ^ 1)


shutil.rmtree(FOLDER, ignore_errors=True)
FOLDER.mkdir(parents=True)
WHOLE = compiled()
given("empty", b"", tools=("tern-run",))
given("other file", b"%PDF-1.7 and so on", tools=("tern-run",))
given("cut in the header", WHOLE[:100])
given("cut in a section", WHOLE[:-1])
given("too long", WHOLE + b"\0")
given("version", put(8, "<I", 7))
given("many sections", put(12, "<I", 63))
given("section beyond the file", put(section("code") + 24, "<Q", 1 << 62))
given("damaged index", damaged("index"))
given("damaged code", damaged("code"))
weights("no weights", lambda path: path.unlink())
weights("weights cut short", lambda path: path.write_bytes(path.read_bytes()[:-1]))
weights("other weights", changed)
given("long prompt", WHOLE, tools=("tern-run",), prompt="--tokens=" + ",".join(129 * ["1"]))
given("token beyond the vocabulary", WHOLE, tools=("tern-run",), prompt="--tokens=1,320")
given("text without a tokenizer", WHOLE, tools=("tern-run",), prompt="--prompt=a")
