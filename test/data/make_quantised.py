#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes tiny models whose weights are quantised as Hugging Face directories hold them, to models/.

  make_quantised.py [MODEL...]

Needs numpy. A model is Llama's graph of make_papers.py with random weights; those of its layers, and
of its head where the method has that, are rounded by the plain form of each method: absolute maxima
for fp8 and bitsandbytes, minima and maxima of groups for AWQ and GPTQ (without error feedback: how
codes were found does not matter to who reads them). `weight` of each method is its official formula,
in f32 where that says so:

  fp8           w = float8 * scale of the block (DeepSeek-V3's inference/kernel.py, weight_dequant)
  bitsandbytes  csrc/cpu_ops.cpp and functional.py at 0.50: code[q] * absmax; q * SCB * (1 / 127)
  gptq          AutoGPTQ's qlinear_cuda_old.py: scale[g] * (q - ((z + 1) & 15))
  awq           AutoAWQ's packing_utils.py: (q - z) * scale, columns in the order 0 2 4 6 1 3 5 7

Beside config.json and model.safetensors, case.safetensors holds what make_papers.py writes, and of
one weight the dequantised numbers, `weight.NAME`, in f32.
"""
import itertools
import json
import math
import sys
import zlib

import numpy as np

import make_papers
from make_papers import HERE, LEAST_MARGIN, PROMPTS, VOCABULARY, Weights

# Twice make_papers.py's, for groups of 32; heads are as wide.
WIDTH, HEADS, FFN = 64, 8, 96
CONFIG = make_papers.LLAMA | {"model_type": "llama", "hidden_size": WIDTH,
                              "num_attention_heads": HEADS, "intermediate_size": FFN}
AWQ_ORDER = [0, 2, 4, 6, 1, 3, 5, 7]
NF4 = np.array([
    -1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635,
    -0.18477343022823334, -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725,
    0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941,
    0.7229568362236023, 1.0], "f4")
FP4 = np.array([0, 0.0625, 8, 12, 4, 6, 2, 3], "f4") / np.float32(12)
FP4 = np.concatenate([FP4, -FP4])


def dynamic_map():
    """bitsandbytes' 8-bit code: 7 decades, each with twice the fractions of the one before."""
    numbers = [0.0, 1.0]
    for i in range(7):
        ends = np.linspace(0.1, 1, 2 ** i + 1, dtype="f4")
        middles = (ends[:-1] + ends[1:]) / 2
        numbers += [sign * 10.0 ** (i - 6) * middle for middle in middles for sign in (-1, 1)]
    return np.sort(np.array(numbers, "f4"))


def nearest(table, x):
    return np.abs(x[..., None] - table).argmin(-1).astype("u1")


def float8(kind):
    """The values of the 256 codes."""
    if kind == "F8_E5M2":
        return (np.arange(256, dtype="u2") << 8).view("f2").astype("f4")
    code = np.arange(256)
    exponent, fraction = code >> 3 & 15, code & 7
    values = np.where(exponent == 0, fraction * 2.0 ** -9, (8 + fraction) * 2.0 ** (exponent - 10.0))
    values[(code & 127) == 127] = np.nan
    return np.where(code & 128, -values, values).astype("f4")


class Fp8:
    """Blocks of rows and columns share a scale; `block` None: all do, or "row": each row's do."""

    def __init__(self, kind, block, names="weight_scale_inv"):
        self.kind, self.block, self.names = kind, block, names
        self.table = float8(kind)

    def config(self):
        return {"quant_method": "fp8", "activation_scheme": "dynamic",
                "fmt": self.kind[3:].lower(), **({"weight_block_size": list(self.block)}
                                                 if isinstance(self.block, tuple) else {})}

    def store(self, name, w):
        out, into = w.shape
        rows, columns = {None: (out, into), "row": (1, into)}.get(self.block, self.block)
        top = np.zeros((-(-out // rows), -(-into // columns)), "f4")
        for i, j in np.ndindex(top.shape):
            top[i, j] = np.abs(w[i * rows:(i + 1) * rows, j * columns:(j + 1) * columns]).max()
        scales = (top / np.nanmax(self.table[np.isfinite(self.table)])).astype("f4")
        spread = np.repeat(np.repeat(scales, rows, 0), columns, 1)[:out, :into]
        finite = np.where(np.isfinite(self.table), self.table, 1e30)
        codes = nearest(finite, w / spread)
        self.weight = self.table[codes] * spread
        shape = () if self.block is None else scales.shape
        return {f"{name}.weight": (self.kind, codes), f"{name}.{self.names}": scales.reshape(shape)}


class Int8:
    def config(self):
        return {"quant_method": "bitsandbytes", "load_in_8bit": True, "load_in_4bit": False,
                "llm_int8_threshold": 6.0, "llm_int8_skip_modules": ["lm_head"]}

    def store(self, name, w):
        top = np.abs(w).max(1).astype("f4")
        codes = np.rint(w * (np.float32(127) * (1 / top))[:, None]).astype("i1")
        self.weight = codes * top[:, None] * np.float32(7.874015718698502e-3)
        return {f"{name}.weight": codes, f"{name}.SCB": top,
                f"{name}.weight_format": np.zeros((), "u1")}


class FourBits:
    def __init__(self, kind, block, nested):
        self.kind, self.block, self.nested = kind, block, nested
        self.table = {"nf4": NF4, "fp4": FP4}[kind]

    def config(self):
        return {"quant_method": "bitsandbytes", "load_in_4bit": True, "load_in_8bit": False,
                "bnb_4bit_quant_type": self.kind, "bnb_4bit_use_double_quant": self.nested,
                "bnb_4bit_compute_dtype": "bfloat16", "bnb_4bit_quant_storage": "uint8",
                "llm_int8_skip_modules": ["lm_head"]}

    def store(self, name, w):
        blocks = w.reshape(-1, self.block)
        top = np.abs(blocks).max(1).astype("f4")
        state = {"quant_type": self.kind, "blocksize": self.block, "dtype": "float32",
                 "shape": list(w.shape)}
        parts = {f"{name}.weight.absmax": top, f"{name}.weight.quant_map": self.table}
        if self.nested:
            offset = top.mean(dtype="f4")
            outer = [np.abs(part).max() for part in np.split(top - offset,
                                                             range(256, len(top), 256))]
            outer, code = np.array(outer, "f4"), dynamic_map()
            spread = np.repeat(outer, 256)[:len(top)]
            codes = nearest(code, (top - offset) / spread)
            top = code[codes] * spread + offset
            state |= {"nested_blocksize": 256, "nested_dtype": "float32",
                      "nested_offset": float(offset)}
            parts |= {f"{name}.weight.absmax": codes, f"{name}.weight.nested_absmax": outer,
                      f"{name}.weight.nested_quant_map": code}
        codes = nearest(self.table, blocks / top[:, None])
        self.weight = (self.table[codes] * top[:, None]).reshape(w.shape)
        codes = codes.reshape(-1, 2)
        parts[f"{name}.weight"] = (codes[:, 0] << 4 | codes[:, 1])[:, None]
        parts[f"{name}.weight.quant_state.bitsandbytes__{self.kind}"] = np.frombuffer(
            json.dumps(state).encode(), "u1")
        return parts


def pack(codes, bits):
    """Neighbours along the last axis in i32, from the low bits on."""
    per = 32 // bits
    words = codes.reshape(*codes.shape[:-1], -1, per).astype("u4") << np.arange(0, 32, bits, "u4")
    return np.bitwise_or.reduce(words, -1).astype("u4").view("i4")


class Groups:
    """`order`: inputs are in groups that are not neighbours (act order)."""

    def __init__(self, bits=4, group=32, symmetric=False, order=False, version=1, head=False):
        self.bits, self.group, self.symmetric = bits, group, symmetric
        self.order, self.version, self.head = order, version, head

    def quantise(self, w):
        """Codes [out, in], zero points and scales [groups, out], and the group of each input."""
        out, into = w.shape
        group = into if self.group == -1 else self.group
        index = np.arange(into) // group
        if self.order:
            index = index[np.random.default_rng(into).permutation(into)]
        most = (1 << self.bits) - 1
        low = np.stack([np.minimum(w[:, index == g].min(1), 0) for g in range(into // group)])
        high = np.stack([np.maximum(w[:, index == g].max(1), 0) for g in range(into // group)])
        if self.symmetric:
            high = np.maximum(high, -low)
            low = -high
        scales = ((high - low) / most).astype("f2")
        zeros = np.full(scales.shape, (most + 1) // 2) if self.symmetric else np.clip(
            np.rint(-low / scales.astype("f4")), 1, most).astype(int)
        s, z = scales.astype("f4")[index].T, zeros[index].T
        codes = np.clip(np.rint(w / s) + z, 0, most).astype(int)
        self.weight = (s * (codes - z)).astype("f4")
        return codes, zeros, scales, index


class Gptq(Groups):
    def config(self):
        return {"quant_method": "gptq", "bits": self.bits, "group_size": self.group,
                "desc_act": self.order, "sym": self.symmetric, "damp_percent": 0.01,
                "static_groups": False, "true_sequential": True, "lm_head": self.head,
                "checkpoint_format": "gptq" if self.version == 1 else "gptq_v2"}

    def store(self, name, w):
        codes, zeros, scales, index = self.quantise(w)
        return {f"{name}.qweight": np.ascontiguousarray(pack(codes, self.bits).T),
                f"{name}.qzeros": pack(zeros - (self.version == 1), self.bits),
                f"{name}.scales": scales, f"{name}.g_idx": index.astype("i4")}


class Awq(Groups):
    def config(self):
        return {"quant_method": "awq", "bits": 4, "group_size": self.group, "zero_point": True,
                "version": "gemm", "modules_to_not_convert": ["lm_head"]}

    def store(self, name, w):
        codes, zeros, scales, _ = self.quantise(w)

        def ordered(x):
            return pack(x.reshape(len(x), -1, 8)[..., AWQ_ORDER].reshape(len(x), -1), 4)
        return {f"{name}.qweight": ordered(codes.T), f"{name}.qzeros": ordered(zeros),
                f"{name}.scales": scales}


MODELS = {
    "llama-fp8-block": Fp8("F8_E4M3", (32, 48)),
    "llama-fp8-row": Fp8("F8_E4M3", "row", "weight_scale"),
    "llama-fp8-e5m2": Fp8("F8_E5M2", None, "weight_scale"),
    "llama-int8": Int8(),
    "llama-nf4": FourBits("nf4", 64, False),
    "llama-nf4-double": FourBits("nf4", 64, True),
    "llama-fp4": FourBits("fp4", 64, False),
    "llama-fp4-double": FourBits("fp4", 64, True),
    "llama-gptq": Gptq(),
    "llama-gptq-sym": Gptq(symmetric=True, head=True),
    "llama-gptq-order": Gptq(order=True, version=2),
    "llama-gptq-8bit": Gptq(bits=8, group=-1, symmetric=True),
    "llama-gptq-8bit-asym": Gptq(bits=8),
    "llama-gptq-8bit-order": Gptq(bits=8, order=True, version=2),
    "llama-awq": Awq(),
}
NOTED = "model.layers.1.mlp.down_proj"


def write_safetensors(path, tensors):
    """Also of pairs (type, bytes)."""
    head, data = {}, b""
    for name in sorted(tensors):
        kind, array = tensors[name] if isinstance(tensors[name], tuple) else (None, tensors[name])
        array = np.ascontiguousarray(array).reshape(array.shape)
        kind = kind or {"int8": "I8", "uint8": "U8"}.get(array.dtype.name) or \
            make_papers.NAMES[array.dtype.name]
        head[name] = {"dtype": kind, "shape": list(array.shape),
                      "data_offsets": [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
    text = json.dumps(head, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


class Plain(Weights):
    def norm(self, name, width=WIDTH):
        return super().norm(name, width)


class Quantised:
    """Weights, of which a linear layer's are rounded where the formula first asks for them."""

    def __init__(self, method, seed):
        self.method, self.random = method, Plain(seed)
        self.stored, self.dense = {}, {}

    def linear(self, x, name, out):
        if name not in self.dense:
            w = self.random(name + ".weight", out, x.shape[-1])
            if name == "lm_head" and not getattr(self.method, "head", False):
                self.dense[name] = w
            else:
                del self.random.tensors[name + ".weight"]
                self.stored |= self.method.store(name, w)
                self.dense[name] = self.method.weight
        return x @ self.dense[name].astype("f8").T

    def run(self, _, tokens):
        return make_papers.llama(self.random, tokens, self.linear)

    def tensors(self):
        return self.random.tensors | self.stored


def make(model):
    method = MODELS[model]
    for seed in itertools.count(zlib.crc32(model.encode())):
        weights = Quantised(method, seed)
        prompts = [weights.random.random.integers(3, VOCABULARY, n).astype("i4") for n in PROMPTS]
        case, margins = make_papers.results(weights.run, weights, prompts)
        if min(margins) >= LEAST_MARGIN:
            break
    case[f"weight.{NOTED}.weight"] = weights.dense[NOTED]
    folder = HERE / model
    folder.mkdir(parents=True, exist_ok=True)
    config = CONFIG | {"quantization_config": method.config()}
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    facts = {"case": model, "origin": "make_quantised.py", "greedy_margin": margins}
    (folder / "case.json").write_text(json.dumps(facts, indent=1) + "\n")
    write_safetensors(folder / "model.safetensors", weights.tensors())
    write_safetensors(folder / "case.safetensors", case)


if __name__ == "__main__":
    unknown = set(sys.argv[1:]) - set(MODELS)
    if unknown:
        sys.exit(f"{', '.join(sorted(unknown))}: expected some of {', '.join(MODELS)}")
    make_papers.WIDTH, make_papers.HEADS, make_papers.FFN = WIDTH, HEADS, FFN
    for name in sys.argv[1:] or MODELS:
        make(name)
