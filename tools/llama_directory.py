#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a Llama model of a GGUF file as a Hugging Face directory, its weights in f32.

    llama_directory.py BIN MODEL DIRECTORY

BIN is the folder of the tools, which say what MODEL holds. Its head's weight is its embedding's.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

NAMES = {"token_embd": "model.embed_tokens", "output_norm": "model.norm",
         "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm",
         "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
         "attn_output": "self_attn.o_proj", "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj",
         "ffn_down": "mlp.down_proj"}


def name_of(gguf):
    name = gguf.removesuffix(".weight")
    layer = re.fullmatch(r"blk\.(\d+)\.(.*)", name)
    if layer:
        return f"model.layers.{layer[1]}.{NAMES[layer[2]]}.weight"
    return NAMES[name] + ".weight"


class Model:
    """A GGUF file and the tools that read it."""

    def __init__(self, tools, path):
        self.tools, self.path = tools, path
        self.keys = dict(re.findall(r"^key 'llama\.(\S+)' = (.*)$", self.dump(path, "--metadata"),
                                    re.M))

    def run(self, tool, *words):
        return subprocess.run([self.tools / tool, *words], check=True, capture_output=True,
                              text=True).stdout

    def dump(self, path, *words):
        return self.run("tern-dump", path, *words)

    def config(self):
        ids = dict(re.findall(r"^key 'tokenizer\.ggml\.(bos|eos)_token_id' = (\d+)$",
                              self.dump(self.path, "--metadata"), re.M))
        return {"model_type": "llama", "architectures": ["LlamaForCausalLM"],
                "torch_dtype": "float32", "tie_word_embeddings": True, "hidden_act": "silu",
                "bos_token_id": int(ids["bos"]), "eos_token_id": int(ids["eos"]),
                "hidden_size": int(self.keys["embedding_length"]),
                "intermediate_size": int(self.keys["feed_forward_length"]),
                "num_hidden_layers": int(self.keys["block_count"]),
                "num_attention_heads": int(self.keys["attention.head_count"]),
                "num_key_value_heads": int(self.keys["attention.head_count_kv"]),
                "max_position_embeddings": int(self.keys["context_length"]),
                "vocab_size": int(self.keys["vocab_size"]),
                "rms_norm_eps": float(self.keys["attention.layer_norm_rms_epsilon"]),
                "rope_theta": float(self.keys["rope.freq_base"])}

    def tokenizer(self):
        """The section of an artefact, which is a tokenizer.json."""
        with tempfile.TemporaryDirectory() as folder:
            artefact = pathlib.Path(folder) / "model.tern"
            self.run("tern-compile", self.path, "-o", artefact)
            place = re.search(r"section tokenizer at (\d+), (\d+) bytes",
                              self.dump(artefact, "--sections"))
            first, size = int(place[1]), int(place[2])
            return artefact.read_bytes()[first:first + size]

    def tensors(self):
        """(name, shape, bytes) in f32."""
        with tempfile.TemporaryDirectory() as folder:
            whole = pathlib.Path(folder) / "f32.gguf"
            self.run("tern-compile", self.path, "--emit=checkpoint", "--quantize=f32", "-o", whole)
            found = re.findall(r"^tensor '(\S+)' F32 \[([\d, ]+)\] at (\d+), (\d+) bytes",
                               self.dump(whole, "--tensors"), re.M)
            with whole.open("rb") as file:
                for name, shape, first, size in found:
                    file.seek(int(first))
                    yield name, [int(n) for n in shape.split(",")], file.read(int(size))

    def halves(self, name, shape, data):
        """Rows of a head that lie as pairs, as those of two halves."""
        heads = {"attn_q": "attention.head_count", "attn_k": "attention.head_count_kv"}
        key = heads.get(name.split(".")[-2])
        if key is None:
            return data
        rows, row = shape[0], 4 * shape[1]
        head = rows // int(self.keys[key])
        order = (first + 2 * i + half for first in range(0, rows, head) for half in range(2)
                 for i in range(head // 2))
        return b"".join(data[row * r:row * (r + 1)] for r in order)


def write(tools, path, folder):
    model = Model(tools, path)
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(model.config(), indent=1) + "\n")
    (folder / "tokenizer.json").write_bytes(model.tokenizer())
    head, data = {}, []
    offset = 0
    for name, shape, numbers in model.tensors():
        head[name_of(name)] = {"dtype": "F32", "shape": shape,
                               "data_offsets": [offset, offset + len(numbers)]}
        offset += len(numbers)
        data.append(model.halves(name, shape, numbers))
    text = json.dumps(head).encode()
    with (folder / "model.safetensors").open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        file.writelines(data)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    write(*map(pathlib.Path, sys.argv[1:]))
