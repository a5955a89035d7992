# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""safetensors.py MODEL FOLDER: what is said of a Hugging Face directory with damaged weights."""
import json
import pathlib
import shutil
import struct
import sys

import safetensors_file
from refuse import refuse

SEED, FOLDER = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
WHOLE = (SEED / "model.safetensors").read_bytes()
HEADER, DATA = safetensors_file.read(WHOLE)
QUERY = "model.layers.0.self_attn.q_proj.weight"
INDEX = "model.safetensors.index.json"


def given(case, files):
    """A directory m of the model's config.json and `files`."""
    shutil.rmtree(FOLDER / "m", ignore_errors=True)
    (FOLDER / "m").mkdir(parents=True)
    shutil.copyfile(SEED / "config.json", FOLDER / "m/config.json")
    for name, content in files.items():
        (FOLDER / "m" / name).write_bytes(content)
    refuse(case, FOLDER, "m")


def single(case, raw):
    given(case, {"model.safetensors": raw})


def header(case, edit):
    changed = json.loads(json.dumps(HEADER))
    edit(changed)
    single(case, safetensors_file.write(changed, DATA))


def tensor(case, **fields):
    header(case, lambda changed: changed[QUERY].update(fields))


def sharded(case, edit=lambda shards, index: None):
    """Two shards and their index, changed by `edit`, which may return the index's bytes."""
    names = [name for name in HEADER if name != "__metadata__"]
    halves = {"a.safetensors": names[::2], "b.safetensors": names[1::2]}
    shards = {name: safetensors_file.part(HEADER, DATA, held) for name, held in halves.items()}
    index = {"weight_map": {tensor: shard for shard, held in halves.items() for tensor in held}}
    raw = edit(shards, index)
    given(case, {**shards, INDEX: raw or json.dumps(index).encode()})


given("no weights", {})
single("empty", b"")
single("cut in the length", WHOLE[:7])
single("cut in the header", WHOLE[:100])
single("cut in the data", WHOLE[:-1])
single("too long", WHOLE + b"\0")
single("oversized header", struct.pack("<Q", 1 << 63) + WHOLE[8:])
single("header of another length", struct.pack("<Q", 7) + WHOLE[8:])
single("no JSON", safetensors_file.write(b"{'a': 1}", DATA))
single("an array", safetensors_file.write(b"[]", DATA))
single("deep nesting", safetensors_file.write(b'{"a":' + b"[" * 100000, DATA))
single("name twice", safetensors_file.write(
    json.dumps(HEADER).replace("layers.1.self_attn.q", "layers.0.self_attn.q").encode(), DATA))
tensor("dtype in numbers", dtype=3)
tensor("unknown dtype", dtype="F8_E4M3")
tensor("known dtype that is not read", dtype="I32")
tensor("another size", dtype="F16")
tensor("misshapen", shape=[32, 128])
tensor("negative size", shape=[-64, -64])
tensor("sizes overflow", shape=[1 << 40, 1 << 40])
tensor("falling offsets", data_offsets=[8, 4])
tensor("one offset", data_offsets=[8])
tensor("a gap", data_offsets=[HEADER[QUERY]["data_offsets"][0] + 4,
                              HEADER[QUERY]["data_offsets"][1] + 4])
tensor("field that is not known", colour="red")
header("no dtype", lambda changed: changed[QUERY].pop("dtype"))
header("missing", lambda changed: changed.update({"model.q": changed.pop(QUERY)}))

sharded("no such shard", lambda shards, index: shards.pop("b.safetensors") and None)
sharded("shard cut short", lambda shards, index: shards.update(
    {"b.safetensors": shards["b.safetensors"][:-5]}))
sharded("tensor in no shard", lambda shards, index: index["weight_map"].pop(QUERY) and None)
sharded("tensor in another shard", lambda shards, index: index["weight_map"].update(
    {"model.norm.weight": "a.safetensors" if index["weight_map"]["model.norm.weight"][0] == "b"
     else "b.safetensors"}))
sharded("shard elsewhere", lambda shards, index: index["weight_map"].update(
    {QUERY: "../a.safetensors"}))
sharded("no weight_map", lambda shards, index: b"{}")
sharded("weight_map of numbers", lambda shards, index: index["weight_map"].update({QUERY: 1}))
sharded("index cut short", lambda shards, index: json.dumps(index).encode()[:-2])
