#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Shows how long the laws take on models of full size, whose weights are holes in files.

    compile_times.py BIN [--repeat=9]

Llama type (width 4096, 32 heads, 8 of keys) with 1, 8, 32 and 80 layers, and DeepSeek-V3 type with
its 61 layers: 5 are imported, for hashing 671 GB of holes takes long, and the list of layers that
share a template is widened. Times are seconds of the pass tern-saturate, medians; with one thread.
"""
import argparse
import json
import math
import pathlib
import re
import statistics
import struct
import subprocess
import tempfile

SIZES = {"BF16": 2, "F32": 4, "F8_E4M3": 1}


def write(folder, config, tensors):
    """A Hugging Face directory of zeros, as holes. Tensors have a name, a shape and a type, if that
    is not bf16."""
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config))
    head, at = {}, 0
    for name, shape, *kind in tensors:
        kind = kind[0] if kind else "BF16"
        size = SIZES[kind] * math.prod(shape)
        head[name] = {"dtype": kind, "shape": shape, "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 8)
    with open(folder / "model.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.truncate(8 + len(text) + at)
    return folder


def common(kind, name, layers, width, vocabulary):
    return {"architectures": [name], "model_type": kind, "hidden_size": width,
            "num_hidden_layers": layers, "vocab_size": vocabulary, "rms_norm_eps": 1e-5,
            "max_position_embeddings": 4096, "rope_theta": 10000.0, "hidden_act": "silu",
            "tie_word_embeddings": False, "torch_dtype": "bfloat16", "bos_token_id": 0,
            "eos_token_id": 1}


def frame(width, vocabulary):
    return [("model.embed_tokens.weight", [vocabulary, width]), ("model.norm.weight", [width]),
            ("lm_head.weight", [vocabulary, width])]


def projections(prefix, width, inner):
    return [(f"{prefix}{name}_proj.weight", [width, inner] if name == "down" else [inner, width])
            for name in ("gate", "up", "down")]


def llama(folder, layers, width=4096, inner=14336, vocabulary=128256):
    config = common("llama", "LlamaForCausalLM", layers, width, vocabulary)
    config |= {"intermediate_size": inner, "num_attention_heads": 32, "num_key_value_heads": 8}
    tensors = frame(width, vocabulary)
    for layer in range(layers):
        prefix = f"model.layers.{layer}."
        tensors += [(f"{prefix}self_attn.{name}_proj.weight", [rows, width])
                    for name, rows in zip("qkvo", (width, 1024, 1024, width))]
        tensors += projections(f"{prefix}mlp.", width, inner)
        tensors += [(f"{prefix}{name}_layernorm.weight", [width])
                    for name in ("input", "post_attention")]
    return write(folder, config, tensors)


def in_blocks(tensors):
    """Matrices as fp8 with a scale for each 128 x 128 numbers."""
    for name, shape in tensors:
        yield name, shape, "F8_E4M3"
        yield f"{name}_scale_inv", [-(-extent // 128) for extent in shape], "F32"


def deepseek(folder, layers=5, width=7168, heads=128, experts=256, vocabulary=129280):
    config = common("deepseek_v3", "DeepseekV3ForCausalLM", layers, width, vocabulary)
    config |= {"intermediate_size": 18432, "moe_intermediate_size": 2048,
               "num_attention_heads": heads, "num_key_value_heads": heads, "q_lora_rank": 1536,
               "kv_lora_rank": 512, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64,
               "v_head_dim": 128, "n_routed_experts": experts, "n_shared_experts": 1,
               "num_experts_per_tok": 8, "n_group": 8, "topk_group": 4, "norm_topk_prob": True,
               "routed_scaling_factor": 2.5, "first_k_dense_replace": 3, "moe_layer_freq": 1,
               "scoring_func": "sigmoid", "topk_method": "noaux_tc",
               "quantization_config": {"quant_method": "fp8", "fmt": "e4m3",
                                       "activation_scheme": "dynamic",
                                       "weight_block_size": [128, 128]}}
    tensors = frame(width, vocabulary)
    for layer in range(layers):
        prefix = f"model.layers.{layer}."
        attention = {"q_a_proj": [1536, width], "q_b_proj": [heads * 192, 1536],
                     "kv_a_proj_with_mqa": [576, width], "kv_b_proj": [heads * 256, 512],
                     "o_proj": [width, heads * 128]}
        tensors += in_blocks((f"{prefix}self_attn.{name}.weight", shape)
                             for name, shape in attention.items())
        tensors += [(f"{prefix}self_attn.{name}_a_layernorm.weight", [rank])
                    for name, rank in (("q", 1536), ("kv", 512))]
        tensors += [(f"{prefix}{name}_layernorm.weight", [width])
                    for name in ("input", "post_attention")]
        if layer < config["first_k_dense_replace"]:
            tensors += in_blocks(projections(f"{prefix}mlp.", width, 18432))
            continue
        tensors += [(f"{prefix}mlp.gate.weight", [experts, width]),
                    (f"{prefix}mlp.gate.e_score_correction_bias", [experts])]
        for expert in range(experts):
            tensors += in_blocks(projections(f"{prefix}mlp.experts.{expert}.", width, 2048))
        tensors += in_blocks(projections(f"{prefix}mlp.shared_experts.", width, 2048))
    return write(folder, config, tensors)


def widen(module, layers=61):
    """The module with so many layers: those of the last template are more."""
    text = module.read_text()
    text = text.replace("[3, 4](", f"[{', '.join(map(str, range(3, layers)))}](")
    module.write_text(text.replace("<5 x 128,", f"<{layers} x 128,"))


def saturate(tools, module, repeat):
    """User seconds of the pass, a time a run."""
    times = []
    for _ in range(repeat):
        shown = subprocess.run([tools / "tern-opt", module, "--tern-saturate", "--mlir-timing",
                                "--mlir-disable-threading", "-o", "/dev/null"], check=True,
                               capture_output=True, text=True).stderr
        times.append(float(re.search(r"([\d.]+) \([ \d.]+%\) +SaturatePass", shown)[1]))
    return times


def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("tools", type=pathlib.Path)
    words.add_argument("--repeat", type=int, default=9)
    words = words.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        models = {f"Llama type, {layers} layers": lambda at, layers=layers: llama(at, layers)
                  for layers in (1, 8, 32, 80)}
        models["DeepSeek-V3 type, 61 layers"] = deepseek
        for what, make in models.items():
            model, module = make(folder / "model"), folder / "module.mlir"
            subprocess.run([words.tools / "tern-compile", model, "--compile-to=normalise", "-o",
                            module], check=True)
            if make is deepseek:
                widen(module)
            times = saturate(words.tools, module, words.repeat)
            print(f"{what}: {statistics.median(times):.3f} s ({min(times):.3f} to "
                  f"{max(times):.3f})", flush=True)
            subprocess.run(["rm", "-r", model], check=True)


if __name__ == "__main__":
    main()
