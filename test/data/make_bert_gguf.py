#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a BERT with its tokenizer as the GGUF file that llama.cpp's converter makes of it.

  make_bert_gguf.py MODEL -o FILE

MODEL is a directory with config.json, model.safetensors in f32 and tokenizer.json; where
1_Pooling/config.json is, it says how to pool. Tensors keep their bytes, and the head of masked
tokens and the pooler are left out. Only the standard library is used; the same arguments give the
same bytes.
"""
import argparse
import json
import pathlib
import struct

from make_gguf import ALIGNMENT, ARRAY, BOOL, F32, I32, STRING, TYPES, U32, entry, text

NORMAL, CONTROL, UNUSED = 1, 3, 5
NONE, MEAN, FIRST = 0, 1, 2
OUTSIDE = {"word_embeddings": "token_embd", "position_embeddings": "position_embd",
           "token_type_embeddings": "token_types", "LayerNorm": "token_embd_norm"}
INSIDE = {"attention.self.query": "attn_q", "attention.self.key": "attn_k",
          "attention.self.value": "attn_v", "attention.output.dense": "attn_output",
          "attention.output.LayerNorm": "attn_output_norm", "intermediate.dense": "ffn_up",
          "output.dense": "ffn_down", "output.LayerNorm": "layer_output_norm"}
SPECIAL = {"[CLS]": "bos", "[SEP]": "eos", "[UNK]": "unknown", "[PAD]": "padding"}


def renamed(name):
    """The name in GGUF, or None for what is left out."""
    stem, kind = name.removeprefix("bert.").rsplit(".", 1)
    if kind not in ("weight", "bias"):
        return None
    if stem.startswith("embeddings."):
        return f"{OUTSIDE[stem.removeprefix('embeddings.')]}.{kind}"
    if not stem.startswith("encoder.layer."):
        return None
    layer, part = stem.removeprefix("encoder.layer.").split(".", 1)
    return f"blk.{layer}.{INSIDE[part]}.{kind}"


def read_tensors(path):
    """Yields (name in GGUF, shape, bytes)."""
    raw = path.read_bytes()
    (size,) = struct.unpack_from("<Q", raw)
    for name, tensor in json.loads(raw[8:8 + size]).items():
        target = None if name == "__metadata__" else renamed(name)
        if target:
            assert tensor["dtype"] == "F32", name
            begin, end = (8 + size + offset for offset in tensor["data_offsets"])
            yield target, tensor["shape"], raw[begin:end]


def settings(config, pooling):
    numbers = {"context_length": config["max_position_embeddings"],
               "embedding_length": config["hidden_size"],
               "block_count": config["num_hidden_layers"],
               "feed_forward_length": config["intermediate_size"],
               "attention.head_count": config["num_attention_heads"],
               "pooling_type": pooling}
    yield entry("general.architecture", STRING, "bert")
    yield entry("general.file_type", U32, TYPES["f32"][1])
    for name, value in numbers.items():
        yield entry("bert." + name, U32, value)
    yield entry("bert.attention.layer_norm_epsilon", F32, config["layer_norm_eps"])
    yield entry("bert.attention.causal", BOOL, False)


def tokenizer(content, config):
    """Words begin with U+2581, and the "##" of their other parts is gone."""
    tokens = [f"[PAD{i}]" for i in range(config["vocab_size"])]
    kinds = [UNUSED] * len(tokens)
    for token, i in content["model"]["vocab"].items():
        tokens[i] = token[2:] if token.startswith("##") else "\u2581" + token
        kinds[i] = NORMAL
    special = {}
    for added in content["added_tokens"]:
        special[added["content"]] = added["id"]
        tokens[added["id"]] = added["content"]
        kinds[added["id"]] = CONTROL
    yield entry("tokenizer.ggml.model", STRING, "bert")
    yield entry("tokenizer.ggml.pre", STRING, "default")
    yield entry("tokenizer.ggml.tokens", ARRAY, tokens, STRING)
    yield entry("tokenizer.ggml.token_type", ARRAY, kinds, I32)
    yield entry("tokenizer.ggml.token_type_count", U32, config["type_vocab_size"])
    for token, name in SPECIAL.items():
        yield entry(f"tokenizer.ggml.{name}_token_id", U32, special[token])
    yield entry("tokenizer.ggml.seperator_token_id", U32, special["[SEP]"])
    for name, value in (("bos", True), ("eos", True), ("sep", False)):
        yield entry(f"tokenizer.ggml.add_{name}_token", BOOL, value)


def pooling_of(folder):
    path = folder / "1_Pooling/config.json"
    if not path.exists():
        return NONE
    modes = json.loads(path.read_text())
    assert modes["pooling_mode_mean_tokens"] != modes["pooling_mode_cls_token"], path
    return MEAN if modes["pooling_mode_mean_tokens"] else FIRST


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    config = json.loads((arguments.model / "config.json").read_text())
    content = json.loads((arguments.model / "tokenizer.json").read_text())
    entries = [*settings(config, pooling_of(arguments.model)), *tokenizer(content, config)]
    table, data = [], []
    offset = 0
    for name, shape, raw in read_tensors(arguments.model / "model.safetensors"):
        table.append(text(name) + struct.pack(f"<I{len(shape)}Q", len(shape), *reversed(shape)))
        table.append(struct.pack("<IQ", TYPES["f32"][0], offset))
        data.append(raw + bytes(-len(raw) % ALIGNMENT))
        offset += len(data[-1])
    head = b"GGUF" + struct.pack("<IQQ", 3, len(data), len(entries))
    head += b"".join(entries) + b"".join(table)
    with open(arguments.output, "wb") as file:
        file.write(head + bytes(-len(head) % ALIGNMENT))
        file.writelines(data)


if __name__ == "__main__":
    main()
