#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Computes the results of Falcon with a linear bias (ALiBi) in float64.

  make_falcon_alibi.py GOLDENS

Eager attention of transformers 5.23.0 adds the bias twice: once to the scores, and again as a part
of the mask. Its other forms of attention and the model as it was trained add it once. So what the
golden has for eager attention is computed here with the bias twice, to check this script, and copied
to falcon-alibi-eager; the model's own results are computed with the bias once. Needs the package
numpy.
"""
import json
import math
import pathlib
import shutil
import struct
import sys

import numpy

KINDS = {"F32": "<f4", "I32": "<i4"}
HEADS, WIDTH, LAYERS = 4, 16, 2
SLOPES = 2.0 ** -(2 * numpy.arange(1, HEADS + 1))


def read_safetensors(path):
    raw = path.read_bytes()
    (size,) = struct.unpack_from("<Q", raw)
    tensors = {}
    for name, entry in json.loads(raw[8:8 + size]).items():
        if name != "__metadata__":
            begin, end = (8 + size + offset for offset in entry["data_offsets"])
            tensors[name] = numpy.frombuffer(raw[begin:end], KINDS[entry["dtype"]]).reshape(
                entry["shape"])
    return tensors


def write_safetensors(path, tensors):
    header, data = {}, b""
    for name, tensor in tensors.items():
        kind = "I32" if tensor.dtype.kind == "i" else "F32"
        raw = tensor.astype(KINDS[kind]).tobytes()
        header[name] = {"dtype": kind, "shape": tensor.shape,
                        "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


class Falcon:
    def __init__(self, weights, times):
        self.weights = {name: tensor.astype("f8") for name, tensor in weights.items()}
        self.slopes = times * SLOPES

    def linear(self, x, name):
        return x @ self.weights[name + ".weight"].T + self.weights[name + ".bias"]

    def norm(self, x, name):
        centred = x - x.mean(-1, keepdims=True)
        deviation = numpy.sqrt((centred ** 2).mean(-1, keepdims=True) + 1e-5)
        return centred / deviation * self.weights[name + ".weight"] + self.weights[name + ".bias"]

    def attention(self, x, name):
        rows = len(x)
        heads = self.linear(x, name + ".query_key_value").reshape(rows, HEADS, 3, WIDTH)
        query, key, value = (heads[:, :, part] for part in range(3))
        # Up to 256 a position and a slope are bf16 numbers of few bits, and so is their product.
        bias = self.slopes[:, None, None] * numpy.arange(rows)
        scores = (numpy.einsum("thd,shd->hts", query, key) + bias) / math.sqrt(WIDTH)
        scores = numpy.where(numpy.tri(rows) > 0, scores, -numpy.inf)
        weights = numpy.exp(scores - scores.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        out = numpy.einsum("hts,shd->thd", weights, value).reshape(rows, HEADS * WIDTH)
        return self.linear(out, name + ".dense")

    def logits(self, tokens):
        gelu = numpy.vectorize(lambda x: 0.5 * x * (1 + math.erf(x / math.sqrt(2))))
        table = self.weights["transformer.word_embeddings.weight"]
        x = table[tokens]
        for number in range(LAYERS):
            layer = f"transformer.h.{number}."
            x = x + self.attention(self.norm(x, layer + "input_layernorm"),
                                   layer + "self_attention")
            inner = self.linear(self.norm(x, layer + "post_attention_layernorm"),
                                layer + "mlp.dense_h_to_4h")
            x = x + self.linear(gelu(inner), layer + "mlp.dense_4h_to_h")
        return self.norm(x, "transformer.ln_f") @ table.T

    def greedy(self, tokens, count):
        """The continuation; each step's margin is far above what f32 loses."""
        tokens = list(tokens)
        for _ in range(count):
            last = self.logits(tokens)[-1]
            second, first = numpy.sort(last)[-2:]
            assert first - second > 1e-4 * numpy.abs(last).max()
            tokens.append(int(last.argmax()))
        return numpy.array(tokens[-count:])


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    source = pathlib.Path(sys.argv[1]) / "models" / "falcon-alibi"
    target = pathlib.Path(__file__).parent / "models" / "falcon-alibi"
    weights = read_safetensors(source / "model.safetensors")
    case = read_safetensors(source / "case.safetensors")
    twice, once = Falcon(weights, 2), Falcon(weights, 1)
    results = {}
    for number in range(3):
        prompt = f"prompt{number}."
        tokens, eager = case[prompt + "input_ids"], case[prompt + "logits"]
        assert numpy.abs(twice.logits(tokens) - eager).max() < 1e-6 * numpy.abs(eager).max()
        results[prompt + "input_ids"] = tokens
        results[prompt + "logits"] = once.logits(tokens)
        results[prompt + "greedy"] = once.greedy(tokens, len(case[prompt + "greedy"]))
    results["batch.row0.logits"] = results["prompt1.logits"]
    target.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "model.safetensors"):
        shutil.copyfile(source / name, target / name)
    write_safetensors(target / "case.safetensors", results)
    eager = target.with_name("falcon-alibi-eager")
    eager.mkdir(exist_ok=True)
    write_safetensors(eager / "case.safetensors", case)


if __name__ == "__main__":
    main()
