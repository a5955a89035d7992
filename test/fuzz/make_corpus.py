#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the seeds of the kept corpora: one small valid input for each shape that the readers know.

  make_corpus.py DIRECTORY        fills DIRECTORY/{gguf,safetensors,config}/seed-*

What fuzzing found beside them has the hash of its content as name; `fuzz-NAME -merge=1` adds it.
"""
import json
import pathlib
import struct
import sys

STRING, ARRAY = 8, 9
# number: elements and bytes of a block
BLOCKS = {0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 8: (32, 34), 12: (256, 144), 30: (1, 2)}


def text(value):
    return struct.pack("<Q", len(value)) + value.encode()


def value(item):
    """A metadata value with its type before it."""
    if isinstance(item, bool):
        return struct.pack("<IB", 7, item)
    if isinstance(item, int):
        return struct.pack("<II", 4, item)
    if isinstance(item, float):
        return struct.pack("<If", 6, item)
    if isinstance(item, str):
        return struct.pack("<I", STRING) + text(item)
    body = b"".join(value(element)[4:] for element in item)
    return struct.pack("<I", ARRAY) + value(item[0])[:4] + struct.pack("<Q", len(item)) + body


def gguf(keys, tensors, version=3):
    table, data = b"", b""
    for name, kind, sizes in tensors:
        elements, size = BLOCKS[kind]
        count = 1
        for length in sizes:
            count *= length
        table += text(name) + struct.pack(f"<I{len(sizes)}QIQ", len(sizes), *sizes, kind, len(data))
        data += bytes(i * 37 % 251 for i in range(count // elements * size))
        data += bytes(-len(data) % 32)
    head = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(keys))
    head += b"".join(text(key) + value(item) for key, item in keys.items()) + table
    return head + bytes(-len(head) % 32) + data


LLAMA = {
    "general.architecture": "llama", "llama.context_length": 64, "llama.embedding_length": 32,
    "llama.block_count": 1, "llama.feed_forward_length": 64, "llama.attention.head_count": 4,
    "llama.attention.head_count_kv": 2, "llama.attention.layer_norm_rms_epsilon": 1e-5,
    "llama.rope.freq_base": 10000.0, "llama.vocab_size": 4,
}
TOKENIZER = {
    "tokenizer.ggml.model": "llama", "tokenizer.ggml.pre": "default",
    "tokenizer.ggml.tokens": ["<unk>", "<s>", "a", "b"], "tokenizer.ggml.merges": ["a b"],
    "tokenizer.ggml.scores": [0.0, 0.0, -1.0, -2.0], "tokenizer.ggml.token_type": [2, 3, 1, 1],
    "tokenizer.ggml.bos_token_id": 1, "tokenizer.ggml.eos_token_id": 1,
    "tokenizer.ggml.add_bos_token": True, "tokenizer.chat_template": "{{ x }}",
}
YARN = {
    "llama.rope.scaling.type": "yarn", "llama.rope.scaling.factor": 4.0,
    "llama.rope.scaling.original_context_length": 16, "llama.rope.scaling.attn_factor": 0.5,
    "llama.rope.scaling.yarn_ext_factor": 1.0, "llama.rope.scaling.yarn_beta_fast": 32.0,
    "llama.rope.scaling.yarn_beta_slow": 1.0,
}
LINEAR = {"llama.rope.scaling.type": "linear", "llama.rope.scaling.factor": 2.0}

BERT = {
    "general.architecture": "bert", "bert.context_length": 16, "bert.embedding_length": 8,
    "bert.block_count": 1, "bert.feed_forward_length": 16, "bert.attention.head_count": 2,
    "bert.attention.layer_norm_epsilon": 1e-12, "bert.attention.causal": False,
    "bert.pooling_type": 2, "tokenizer.ggml.model": "bert",
    "tokenizer.ggml.tokens": ["[UNK]", "[CLS]", "[SEP]", "\u2581a", "b"],
    "tokenizer.ggml.token_type": [3, 3, 3, 1, 1], "tokenizer.ggml.token_type_count": 2,
    "tokenizer.ggml.unknown_token_id": 0, "tokenizer.ggml.bos_token_id": 1,
    "tokenizer.ggml.seperator_token_id": 2, "tokenizer.ggml.add_eos_token": True,
}
T5 = {
    "general.architecture": "t5", "t5.context_length": 16, "t5.embedding_length": 8,
    "t5.block_count": 1, "t5.decoder_block_count": 1, "t5.feed_forward_length": 16,
    "t5.attention.head_count": 2, "t5.attention.key_length": 4, "t5.attention.value_length": 4,
    "t5.attention.layer_norm_rms_epsilon": 1e-6, "t5.attention.relative_buckets_count": 8,
    "t5.decoder_start_token_id": 0, "tokenizer.ggml.model": "t5",
    "tokenizer.ggml.tokens": ["<pad>", "</s>", "<unk>", "\u2581", "a"],
    "tokenizer.ggml.scores": [0.0, 0.0, 0.0, -1.0, -2.0],
    "tokenizer.ggml.token_type": [3, 3, 2, 1, 1], "tokenizer.ggml.add_space_prefix": True,
    "tokenizer.ggml.remove_extra_whitespaces": True,
    "tokenizer.ggml.precompiled_charsmap": [4, 0, 0, 0, 0, 0, 0, 0, 97, 0],
}

GGUF = {
    "bert": gguf(BERT, [("token_embd.weight", 0, [8, 5])]),
    "t5": gguf(T5, [("enc.blk.0.attn_rel_b.weight", 0, [2, 8])]),
    "model": gguf({**LLAMA, **TOKENIZER}, [("token_embd.weight", 8, [32, 4]),
                                           ("blk.0.attn_q.weight", 3, [32, 2])]),
    "yarn": gguf({**LLAMA, **YARN}, [("rope_freqs.weight", 0, [4])]),
    "linear": gguf({**LLAMA, **LINEAR}, []),
    "types": gguf({}, [(f"t{kind}", kind, [BLOCKS[kind][0], 2]) for kind in BLOCKS], version=2),
    "alignment": gguf({"general.alignment": 32}, [("t", 0, [1, 1, 2, 3])]),
    "empty": gguf({}, []),
}


def safetensors(tensors, metadata=None):
    header, data = {"__metadata__": metadata} if metadata else {}, b""
    for name, kind, shape, size in tensors:
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [len(data), len(data) + size]}
        data += bytes(i % 251 for i in range(size))
    head = json.dumps(header).encode()
    return struct.pack("<Q", len(head)) + head + data


SAFETENSORS = {
    "floats": safetensors([("a", "F32", [2, 3], 24), ("b", "F16", [4], 8), ("c", "BF16", [1, 2], 4)],
                          {"format": "pt"}),
    "others": safetensors([("a", "I64", [2], 16), ("b", "BOOL", [3], 3), ("c", "F4_X", [8], 4)]),
    "shapes": safetensors([("scalar", "F32", [], 4), ("empty", "F32", [3, 0], 0)]),
    "none": safetensors([]),
}

SIZES = {"model_type": "llama", "vocab_size": 100, "hidden_size": 32, "intermediate_size": 64,
         "num_hidden_layers": 2, "num_attention_heads": 4}
CONFIG = {
    "least": SIZES,
    "all": {**SIZES, "num_key_value_heads": 2, "head_dim": 8, "max_position_embeddings": 128,
            "rms_norm_eps": 1e-6, "hidden_act": "gelu_new", "attention_bias": True, "mlp_bias": True,
            "tie_word_embeddings": True, "bos_token_id": 1, "eos_token_id": [2, 3],
            "rope_theta": 10000.0, "rope_scaling": None},
    "linear": {**SIZES, "rope_scaling": {"type": "linear", "factor": 2.5}},
    "dynamic": {**SIZES, "rope_parameters": {"rope_type": "dynamic", "factor": 2, "rope_theta": 1e4}},
    "llama3": {**SIZES, "rope_parameters": {
        "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 64, "rope_theta": 5e5}},
    "yarn": {**SIZES, "rope_scaling": {
        "rope_type": "yarn", "factor": 4.0, "beta_fast": 32, "beta_slow": 1, "mscale": 1.0,
        "mscale_all_dim": 0.5, "attention_factor": 1.2, "truncate": False,
        "original_max_position_embeddings": 32}},
    "quantised": {**SIZES, "quantization_config": {"quant_method": "gptq"}},
    "gptq": {**SIZES, "quantization_config": {
        "quant_method": "gptq", "bits": 4, "group_size": -1, "desc_act": True, "sym": False,
        "checkpoint_format": "gptq_v2", "pack_dtype": "int32", "is_marlin_format": False}},
    "awq": {**SIZES, "quantization_config": {
        "quant_method": "awq", "w_bit": 4, "q_group_size": 32, "zero_point": True,
        "version": "GEMM", "modules_to_not_convert": ["lm_head"]}},
    "bitsandbytes": {**SIZES, "quantization_config": {
        "load_in_4bit": True, "bnb_4bit_quant_type": "nf4", "bnb_4bit_use_double_quant": True,
        "llm_int8_skip_modules": ["lm_head"], "llm_int8_has_fp16_weight": False}},
    "fp8": {**SIZES, "quantization_config": {
        "quant_method": "fp8", "fmt": "e4m3", "weight_block_size": [128, 128],
        "activation_scheme": "dynamic", "ignored_layers": ["lm_head"]}},
    "opt": {"model_type": "opt", "vocab_size": 100, "hidden_size": 32, "ffn_dim": 64,
            "num_hidden_layers": 2, "num_attention_heads": 4, "do_layer_norm_before": False,
            "word_embed_proj_dim": 16},
    "falcon_mamba": {"model_type": "falcon_mamba", "vocab_size": 100, "hidden_size": 32,
                     "num_hidden_layers": 2, "mixer_rms_eps": 1e-6, "time_step_rank": "auto"},
    "index": {"metadata": {"total_size": 8}, "weight_map": {"a": "one.safetensors", "b": "two"}},
}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    corpora = {"gguf": GGUF, "safetensors": SAFETENSORS,
               "config": {name: json.dumps(item).encode() for name, item in CONFIG.items()}}
    for folder, seeds in corpora.items():
        target = pathlib.Path(sys.argv[1]) / folder
        target.mkdir(parents=True, exist_ok=True)
        for name, content in seeds.items():
            (target / f"seed-{name}").write_bytes(content)


if __name__ == "__main__":
    main()
