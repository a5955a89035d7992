#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a Llama model of the Hugging Face layout as a GGUF file (version 3).

  make_gguf.py MODEL --type=TYPE [--no-tokenizer] -o FILE

TYPE is f32, f16, bf16, q8_0, q4_0 or q4_1, or one of the types below that have no encoder here: then
the model's matrices are made of random blocks, and its widths are multiplied by 4, as blocks of 256
need.

MODEL is a directory with config.json and one model.safetensors in f32 or bf16. As in files made
for llama.cpp, the rows of the query and key projections are permuted from halves to neighbours,
norms stay f32, and the frequencies of Llama 3.1 become a tensor of divisors. A vocabulary of 259
tokens or more gets a SentencePiece-like tokenizer: three special tokens, 256 bytes, letters, words.
Only the standard library is used; the same arguments give the same bytes.
"""
import argparse
import json
import math
import pathlib
import random
import struct
import sys

ALIGNMENT = 32
BLOCK = 32
U32, F32, BOOL, STRING, ARRAY, I32 = 4, 6, 7, 8, 9, 5
# name: number in the tensor table, general.file_type
TYPES = {"f32": (0, 0), "f16": (1, 1), "bf16": (30, 32), "q8_0": (8, 7), "q4_0": (2, 2),
         "q4_1": (3, 3), "q5_0": (6, 8), "q5_1": (7, 9), "q2_k": (10, 10), "q3_k": (11, 12),
         "q4_k": (12, 14), "q5_k": (13, 16), "q6_k": (14, 18), "iq4_nl": (20, 25),
         "iq4_xs": (23, 30), "mxfp4": (39, 38),
         "q4_k_m": (12, 15)}  # q4_k, and q6_k where llama.cpp puts it in half of the layers
# Elements and bytes of a block, where scale and minimum lie in it, the size of a scale that gives
# weights of about 0.06, and how many scales a minimum is.
RANDOM = {"q5_0": (32, 22, 0, None, 6e-3, 0), "q5_1": (32, 24, 0, 2, 6e-3, -15.5),
          "q2_k": (256, 84, 80, 82, 4e-3, 1.5), "q3_k": (256, 110, 108, None, 1.4e-3, 0),
          "q4_k": (256, 144, 0, 2, 2e-4, 7.5), "q5_k": (256, 176, 0, 2, 1e-4, 15.5),
          "q6_k": (256, 210, 208, None, 4e-5, 0), "iq4_nl": (32, 18, 0, None, 9e-4, 0),
          "iq4_xs": (256, 136, 0, None, 5e-5, 0), "mxfp4": (32, 17, 0, None, None, 0)}
WIDER = 4


def read_safetensors(path):
    """{name: (shape, flat list of floats)}"""
    raw = path.read_bytes()
    (size,) = struct.unpack_from("<Q", raw)
    tensors = {}
    for name, entry in json.loads(raw[8:8 + size]).items():
        if name == "__metadata__":
            continue
        begin, end = (8 + size + offset for offset in entry["data_offsets"])
        if entry["dtype"] == "F32":
            values = list(struct.unpack(f"<{(end - begin) // 4}f", raw[begin:end]))
        elif entry["dtype"] == "BF16":
            halves = struct.unpack(f"<{(end - begin) // 2}H", raw[begin:end])
            values = list(struct.unpack(f"<{len(halves)}f", b"".join(
                struct.pack("<I", half << 16) for half in halves)))
        else:
            sys.exit(f"make_gguf.py: {name}: expected F32 or BF16, found {entry['dtype']}")
        tensors[name] = (entry["shape"], values)
    return tensors


def bf16(value):
    (bits,) = struct.unpack("<I", struct.pack("<f", value))
    return struct.pack("<H", (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16)


def half(value):
    return struct.unpack("<e", struct.pack("<e", value))[0]


def nibbles(codes):
    return bytes(codes[i] | codes[i + BLOCK // 2] << 4 for i in range(BLOCK // 2))


def clamped(code, most):
    return min(most, max(0, code))


def encode_block(values, kind):
    if kind == "q8_0":
        scale = max(map(abs, values)) / 127
        codes = [round(v / scale) if scale else 0 for v in values]
        return struct.pack("<e32b", scale, *codes)
    if kind == "q4_0":  # the value of greatest magnitude becomes -8
        scale = half(max(values, key=abs) / -8)
        codes = [clamped(math.floor(v / scale + 8.5), 15) if scale else 8 for v in values]
        return struct.pack("<e", scale) + nibbles(codes)
    least, most = min(values), max(values)
    scale = (most - least) / 15
    codes = [clamped(math.floor((v - least) / scale + 0.5), 15) if scale else 0 for v in values]
    return struct.pack("<2e", scale, least) + nibbles(codes)


def encode(values, kind):
    if kind == "f32":
        return struct.pack(f"<{len(values)}f", *values)
    if kind == "f16":
        return struct.pack(f"<{len(values)}e", *values)
    if kind == "bf16":
        return b"".join(map(bf16, values))
    return b"".join(encode_block(values[i:i + BLOCK], kind)
                    for i in range(0, len(values), BLOCK))


def random_blocks(count, kind, generator):
    elements, size, scale_at, minimum_at, scale, minimum = RANDOM[kind]
    data = b""
    for _ in range(count // elements):
        block = bytearray(generator.randbytes(size))
        if scale is None:  # a byte that stands for a power of two
            block[scale_at] = 120 + generator.randrange(3)
        else:
            own = scale * generator.uniform(0.5, 1.5)
            struct.pack_into("<e", block, scale_at, own)
            if minimum_at is not None:
                struct.pack_into("<e", block, minimum_at, own * minimum)
        data += block
    return data


def widened(config):
    """The configuration of the random model."""
    names = ("hidden_size", "intermediate_size", "head_dim")
    return config | {name: config[name] * WIDER for name in names}


def random_tensors(config, source):
    """Yields (GGUF name, shape, values or None)."""
    generator = random.Random(7)
    for name, shape, _ in renamed(config, source):
        vocabulary = len(shape) == 2 and shape[0] == config["vocab_size"]
        shape = [size if vocabulary and i == 0 else size * WIDER for i, size in enumerate(shape)]
        values = None
        if len(shape) == 1:
            values = [generator.uniform(0.5, 1.5) for _ in range(shape[0])]
        yield name, shape, values


def matrix_type(name, kind):
    if kind != "q4_k_m":
        return kind
    return "q6_k" if "0.attn_v" in name or "0.ffn_down" in name or name == "output.weight" else "q4_k"


def permute(shape, values, heads):
    """Within each head: row i of the first half to 2i, of the second to 2i + 1."""
    rows, columns = shape
    width = rows // heads
    result = []
    for head in range(heads):
        for i in range(width):
            row = head * width + (i % 2) * (width // 2) + i // 2
            result += values[row * columns:(row + 1) * columns]
    return result


def text(value):
    raw = value.encode() if isinstance(value, str) else value
    return struct.pack("<Q", len(raw)) + raw


def entry(key, kind, value, of=None):
    head = text(key) + struct.pack("<I", kind)
    if kind == STRING:
        return head + text(value)
    if kind == ARRAY:
        head += struct.pack("<IQ", of, len(value))
        if of == STRING:
            return head + b"".join(map(text, value))
        return head + struct.pack(f"<{len(value)}{'f' if of == F32 else 'i'}", *value)
    return head + struct.pack({U32: "<I", F32: "<f", BOOL: "<B"}[kind], value)


def rope_settings(config):
    settings = dict(config.get("rope_parameters") or config.get("rope_scaling") or {})
    settings.setdefault("rope_theta", config.get("rope_theta", 10000.0))
    settings.setdefault("rope_type", settings.get("type", "default"))
    return settings


def llama3_divisors(rope, head):
    context, factor = rope["original_max_position_embeddings"], rope["factor"]
    low, high = rope["low_freq_factor"], rope["high_freq_factor"]
    divisors = []
    for i in range(head // 2):
        wave = 2 * math.pi * rope["rope_theta"] ** (2 * i / head)
        if wave < context / high:
            divisors.append(1.0)
        elif wave > context / low:
            divisors.append(factor)
        else:
            share = (context / wave - low) / (high - low)
            divisors.append(1 / ((1 - share) / factor + share))
    return divisors


def tokenizer(vocabulary):
    tokens = ["<unk>", "<s>", "</s>"] + ["<0x%02X>" % i for i in range(256)]
    tokens += ["\u2581"] + [chr(ord("a") + i) for i in range(26)]
    tokens = tokens[:vocabulary]
    tokens += ["\u2581w%d" % i for i in range(vocabulary - len(tokens))]
    kinds = ([2, 3, 3] + [6] * 256 + [1] * (vocabulary - 259))[:vocabulary]
    scores = [0.0] * 259 + [-float(i) for i in range(vocabulary - 259)]
    return (entry("tokenizer.ggml.model", STRING, "llama")
            + entry("tokenizer.ggml.tokens", ARRAY, tokens, STRING)
            + entry("tokenizer.ggml.scores", ARRAY, scores, F32)
            + entry("tokenizer.ggml.token_type", ARRAY, kinds, I32)
            + entry("tokenizer.ggml.bos_token_id", U32, 1)
            + entry("tokenizer.ggml.eos_token_id", U32, 2)
            + entry("tokenizer.ggml.unknown_token_id", U32, 0)
            + entry("tokenizer.ggml.add_bos_token", BOOL, 1)), 8


def settings(config, rope, head, kind):
    numbers = {"context_length": config["max_position_embeddings"],
               "embedding_length": config["hidden_size"],
               "block_count": config["num_hidden_layers"],
               "feed_forward_length": config["intermediate_size"],
               "attention.head_count": config["num_attention_heads"],
               "attention.head_count_kv": config["num_key_value_heads"],
               "attention.key_length": head, "attention.value_length": head,
               "rope.dimension_count": head, "vocab_size": config["vocab_size"]}
    entries = [entry("general.architecture", STRING, "llama"),
               entry("general.alignment", U32, ALIGNMENT),
               entry("general.file_type", U32, TYPES[kind][1])]
    entries += [entry("llama." + name, U32, value) for name, value in numbers.items()]
    entries += [entry("llama.attention.layer_norm_rms_epsilon", F32, config["rms_norm_eps"]),
                entry("llama.rope.freq_base", F32, rope["rope_theta"])]
    if rope["rope_type"] in ("linear", "yarn"):
        entries += [entry("llama.rope.scaling.type", STRING, rope["rope_type"]),
                    entry("llama.rope.scaling.factor", F32, rope["factor"])]
    if rope["rope_type"] == "yarn":
        entries.append(entry("llama.rope.scaling.original_context_length", U32,
                             rope["original_max_position_embeddings"]))
    return entries


def renamed(config, source):
    """Yields (GGUF name, shape, values) in the order that files have."""
    heads, kv_heads = config["num_attention_heads"], config["num_key_value_heads"]
    names = [("model.embed_tokens", "token_embd", 0)]
    for i in range(config["num_hidden_layers"]):
        layer, block = f"model.layers.{i}.", f"blk.{i}."
        names += [(layer + "input_layernorm", block + "attn_norm", 0),
                  (layer + "self_attn.q_proj", block + "attn_q", heads),
                  (layer + "self_attn.k_proj", block + "attn_k", kv_heads),
                  (layer + "self_attn.v_proj", block + "attn_v", 0),
                  (layer + "self_attn.o_proj", block + "attn_output", 0),
                  (layer + "post_attention_layernorm", block + "ffn_norm", 0),
                  (layer + "mlp.gate_proj", block + "ffn_gate", 0),
                  (layer + "mlp.up_proj", block + "ffn_up", 0),
                  (layer + "mlp.down_proj", block + "ffn_down", 0)]
    names.append(("model.norm", "output_norm", 0))
    if "lm_head.weight" in source:
        names.append(("lm_head", "output", 0))
    for name, target, permuted in names:
        shape, values = source[name + ".weight"]
        yield target + ".weight", shape, permute(shape, values, permuted) if permuted else values


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--type", choices=TYPES, required=True)
    parser.add_argument("--no-tokenizer", action="store_true")
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    config = json.loads((arguments.model / "config.json").read_text())
    head = config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"]
    rope = rope_settings(config)
    if rope["rope_type"] not in ("default", "linear", "yarn", "llama3"):
        sys.exit(f"make_gguf.py: rope_type: GGUF has no {rope['rope_type']}")

    source = read_safetensors(arguments.model / "model.safetensors")
    if arguments.type in RANDOM or arguments.type == "q4_k_m":
        tensors = list(random_tensors(config, source))
        config, head = widened(config), head * WIDER
    else:
        tensors = list(renamed(config, source))
    if rope["rope_type"] == "llama3":
        tensors.append(("rope_freqs.weight", [head // 2], llama3_divisors(rope, head)))
    entries = settings(config, rope, head, arguments.type)
    keys, count = b"".join(entries), len(entries)
    if config["vocab_size"] >= 259 and not arguments.no_tokenizer:
        extra, number = tokenizer(config["vocab_size"])
        keys, count = keys + extra, count + number

    table, data = b"", b""
    for name, shape, values in tensors:
        kind = matrix_type(name, arguments.type) if len(shape) == 2 else "f32"
        table += text(name) + struct.pack("<I", len(shape))
        table += struct.pack(f"<{len(shape)}Q", *reversed(shape))
        table += struct.pack("<IQ", TYPES[kind][0], len(data))
        data += (random_blocks(math.prod(shape), kind, random.Random(name)) if values is None
                 else encode(values, kind))
        data += bytes(-len(data) % ALIGNMENT)
    head_bytes = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), count) + keys + table
    arguments.output.write_bytes(head_bytes + bytes(-len(head_bytes) % ALIGNMENT) + data)


if __name__ == "__main__":
    main()
