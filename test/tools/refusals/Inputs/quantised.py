# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""quantised.py MODELS FOLDER: what is said where quantization_config and its tensors do not fit."""
import json
import pathlib
import shutil
import sys

import safetensors_file
from refuse import refuse

MODELS, FOLDER = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
QUERY = "model.layers.0.self_attn.q_proj"
SIZES = {"I32": 4, "F32": 4, "F16": 2, "BF16": 2}


class Model:
    def __init__(self, method):
        folder = MODELS / f"llama-{method}"
        self.config = json.loads((folder / "config.json").read_text())
        self.header, self.data = safetensors_file.read((folder / "model.safetensors").read_bytes())
        self.tensors = {name: (fields["dtype"], fields["shape"],
                               self.data[slice(*fields["data_offsets"])])
                        for name, fields in self.header.items() if name != "__metadata__"}

    def refuse(self, case):
        shutil.rmtree(FOLDER / "m", ignore_errors=True)
        (FOLDER / "m").mkdir(parents=True)
        (FOLDER / "m/config.json").write_text(json.dumps(self.config))
        header, data = {}, b""
        for name, (kind, shape, content) in self.tensors.items():
            header[name] = {"dtype": kind, "shape": shape,
                            "data_offsets": [len(data), len(data) + len(content)]}
            data += content
        (FOLDER / "m/model.safetensors").write_bytes(safetensors_file.write(header, data))
        refuse(case, FOLDER, "m")


def setting(method, case, **values):
    model = Model(method)
    settings = model.config["quantization_config"]
    for name, value in values.items():
        settings.pop(name, None)
        if value != "absent":
            settings[name] = value
    model.refuse(f"{method}: {case}")


def missing(method, part):
    model = Model(method)
    del model.tensors[QUERY + part]
    model.refuse(f"{method}: no {part}")


def changed(method, case, part, change):
    """`change` makes (type, shape, bytes) another one."""
    model = Model(method)
    model.tensors[QUERY + part] = change(*model.tensors.get(QUERY + part, (None, None, None)))
    model.refuse(f"{method}: {case}")


def state(case, **values):
    """Of a text inside of the file."""
    model = Model("nf4-double")
    name = QUERY + ".weight.quant_state.bitsandbytes__nf4"
    kind, _, content = model.tensors[name]
    content = json.dumps({**json.loads(content), **values}).encode()
    model.tensors[name] = (kind, [len(content)], content)
    model.refuse(f"nf4-double: {case}")


def filled(size, value):
    return value.to_bytes(4, "little") * (size // 4)


# The keys.
model = Model("gptq")
model.config["quantization_config"] = "gptq"
model.refuse("a text")
setting("gptq", "no method", quant_method="absent")
setting("gptq", "another method", quant_method="hqq")
setting("gptq", "a key that nobody knows", rotation="hadamard")
setting("gptq", "settings of modules", dynamic={"-:.*": {}})
setting("gptq", "3 bits", bits=3)
setting("gptq", "no bits", bits="absent")
setting("gptq", "groups of 0", group_size=0)
setting("gptq", "another format", checkpoint_format="marlin")
setting("awq", "another version", version="gemv")
setting("awq", "no zero points", zero_point=False)
setting("awq", "8 bits", bits=8)
setting("awq", "null bits", bits=None)
setting("awq", "older key", bits="absent", w_bit=8)
setting("fp8-block", "blocks of one size", weight_block_size=[32])
setting("fp8-block", "one number for blocks", weight_block_size=32)
setting("fp8-block", "blocks of text", weight_block_size=[32, "48"])
setting("awq", "modules that are numbers", modules_to_not_convert=["lm_head", 1])
setting("gptq", "modules that are numbers", modules_in_block_to_quantize=[["a"], ["b", 1]])
setting("int8", "both widths", load_in_4bit=True)
setting("nf4", "another table", bnb_4bit_quant_type="af4")
setting("nf4", "codes in other types", bnb_4bit_quant_storage="bfloat16")
model = Model("gptq")
model.config |= {"model_type": "shiftaddllm", "wbits": 2, "lat": True}
model.refuse("a family of other maps")

# Keys that the tensors contradict.
setting("gptq", "bits of other tensors", bits=8)
setting("gptq", "groups of other tensors", group_size=16)
setting("gptq", "groups that do not divide", group_size=48)
setting("gptq", "one group of all inputs", group_size=-1)
setting("gptq", "symmetric", sym=True)
setting("gptq-sym", "zero points of the other version", checkpoint_format="gptq_v2")
setting("awq", "module that is not converted", modules_to_not_convert=["self_attn.q_proj"])
setting("nf4", "table of other tensors", bnb_4bit_quant_type="fp4")
setting("nf4", "nested", bnb_4bit_use_double_quant=True)
setting("nf4-double", "not nested", bnb_4bit_use_double_quant=False)
setting("fp8-block", "blocks of other tensors", weight_block_size=[32, 32])

setting("fp8-row", "other floats", fmt="e5m2")
setting("fp8-e5m2", "other floats", fmt="e4m3")
setting("nf4", "codes of 8 bits", load_in_4bit=False, load_in_8bit=True)
setting("int8", "codes of 4 bits", load_in_4bit=True, load_in_8bit=False)
for method, other in (("gptq", "fp8-row"), ("fp8-row", "nf4"), ("awq", "int8"), ("gptq", "awq")):
    model = Model(method)
    model.config["quantization_config"] = Model(other).config["quantization_config"]
    model.refuse(f"{method}: settings of {other}")
setting("awq", "another method", quant_method="gptq")
setting("gptq", "the method of awq", quant_method="awq")
model = Model("nf4")
del model.config["quantization_config"]
model.refuse("nf4: no settings")
for method in ("gptq", "awq", "int8", "nf4", "fp8-row"):
    model = Model(method)
    plain = Model("llama3")
    plain.config["quantization_config"] = model.config["quantization_config"]
    plain.refuse(f"{method}: plain weights")
for method in ("awq", "int8", "nf4", "fp8-block"):
    model = Model(method)
    for name in [name for name in model.tensors if name.startswith(f"{QUERY}.")]:
        del model.tensors[name]
    model.tensors[f"{QUERY}.weight"] = ("F32", [64, 64], bytes(4 * 64 * 64))
    model.refuse(f"{method}: one plain weight")

# Parts.
for part in (".qweight", ".qzeros", ".scales", ".g_idx"):
    missing("gptq", part)
missing("awq", ".qzeros")
missing("int8", ".SCB")
missing("fp8-block", ".weight_scale_inv")
missing("fp8-e5m2", ".weight_scale")
for part in (".weight.absmax", ".weight.quant_map", ".weight.nested_absmax",
             ".weight.nested_quant_map", ".weight.quant_state.bitsandbytes__nf4"):
    missing("nf4-double", part)
changed("gptq", "weight beside its parts", ".weight",
        lambda *_: ("F32", [64, 64], bytes(4 * 64 * 64)))
changed("gptq", "group beyond the last", ".g_idx", lambda kind, shape, _: (
    kind, shape, filled(4 * 64, 2)))
changed("gptq", "group below the first", ".g_idx", lambda kind, shape, _: (
    kind, shape, filled(4 * 64, 0xFFFFFFFF)))
changed("gptq", "scales of integers", ".scales", lambda kind, shape, data: (
    "I16", shape, data))
changed("gptq", "codes of floats", ".qweight", lambda kind, shape, data: ("F32", shape, data))
changed("gptq", "codes of half the size", ".qweight", lambda kind, shape, data: (
    kind, [shape[0] // 2, shape[1]], data[:len(data) // 2]))
changed("int8", "another order", ".weight_format", lambda kind, shape, _: (kind, shape, b"\1"))
changed("int8", "codes of floats", ".weight", lambda *_: ("F32", [64, 64], bytes(4 * 64 * 64)))
changed("nf4", "codes of half the size", ".weight", lambda kind, shape, data: (
    kind, [shape[0] // 2, 1], data[:len(data) // 2]))
changed("fp8-row", "floats", ".weight", lambda *_: ("F32", [64, 64], bytes(4 * 64 * 64)))
changed("nf4", "no JSON", ".weight.quant_state.bitsandbytes__nf4",
        lambda *_: ("U8", [3], b"{'a"))
state("state of another shape", shape=[32, 128])
state("blocks that do not divide", blocksize=100)
state("blocks of text", blocksize="64")
state("state of another table", quant_type="fp4")
state("offset of text", nested_offset="0.1")
state("floats of another type", dtype="foo")
state("a key that nobody knows", rotation=1)

# Keys and groups that the tensors contradict.
setting("gptq-order", "order of neighbours", desc_act=False)
setting("gptq", "modules without codes", modules_in_block_to_quantize=[["mlp.foo"]])
setting("gptq", "modules with codes", modules_in_block_to_quantize=["self_attn.q_proj"])
setting("gptq", "head in codes", lm_head=not Model("gptq").config["quantization_config"]["lm_head"])
setting("fp8-row", "another scheme of activations", activation_scheme="foo")
setting("fp8-row", "no scales of inputs", activation_scheme="static")
changed("gptq", "one group", ".g_idx", lambda kind, shape, _: (kind, shape, filled(4 * 64, 0)))
changed("gptq", "groups of two sizes", ".g_idx", lambda kind, shape, _: (
    kind, shape, filled(4 * 63, 0) + filled(4, 1)))

# Numbers that are none.
HALF_NAN, FLOAT_NAN = b"\x00\x7e", b"\x00\x00\xc0\x7f"


def broken(method, case, part, number):
    changed(method, case, part, lambda kind, shape, data: (kind, shape, number + data[len(number):]))


broken("gptq", "scale of NaN", ".scales", HALF_NAN)
broken("gptq", "scale of infinity", ".scales", b"\x00\x7c")
broken("awq", "scale of NaN", ".scales", HALF_NAN)
broken("int8", "scale of NaN", ".SCB", FLOAT_NAN)
broken("fp8-row", "code of NaN", ".weight", b"\xff")
broken("fp8-e5m2", "code of infinity", ".weight", b"\x7c")
broken("fp8-row", "scale of NaN", ".weight_scale", FLOAT_NAN)
broken("nf4", "scale of NaN", ".weight.absmax", FLOAT_NAN)
broken("nf4", "map of NaN", ".weight.quant_map", FLOAT_NAN)
broken("nf4-double", "scale of NaN", ".weight.nested_absmax", FLOAT_NAN)
broken("nf4-double", "map of NaN", ".weight.nested_quant_map", FLOAT_NAN)

# Biases that nobody adds.
changed("gptq", "bias", ".bias", lambda *_: ("F16", [64], HALF_NAN * 64))
