#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a tiny model of the Hugging Face layout as the GGUF file that llama.cpp would read.

  make_family_gguf.py MODEL -o FILE [--vocabulary=N]
  make_family_gguf.py --all

Needs the packages gguf and numpy (pip install gguf numpy), which is why its results are kept in
test/data/gguf: --all makes them anew. MODEL is a directory with config.json and f32 safetensors;
--vocabulary keeps the first N tokens alone, so that files stay small. The files differ from what
llama.cpp's converter writes in this: it leaves out windows of Mistral, which its graph ignores;
query_pre_attn_scalar has no key, so that the weights of queries take up what it differs by from
the width of a head; and widths that the converter takes for granted (4 times the model's, a
context of 2048) are those of the model. T5's distances have no key, and are told apart up to 128.
Falcon Mamba's norms of what a row selects have the epsilon of all others, for there is no key.
"""
import argparse
import json
import math
import pathlib
import struct

import gguf
import numpy

HERE = pathlib.Path(__file__).parent
KEPT = ["llama-llama3", "llama-yarn", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3_text",
        "phi", "phi3-longrope", "gpt2", "gpt_neox", "falcon", "falcon-new", "granite", "olmo2",
        "cohere", "bert", "roberta", "mixtral", "qwen2_moe", "qwen3_moe", "deepseek_v2", "deepseek_v3",
        "extra-mamba", "falcon_mamba", "extra-t5"]
KEPT_VOCABULARY = 64

ARCHITECTURES = {"mistral": "llama", "gemma3_text": "gemma3", "phi": "phi2", "gpt_neox": "gptneox",
                 "cohere": "command-r", "roberta": "bert", "mixtral": "llama",
                 "qwen2_moe": "qwen2moe", "qwen3_moe": "qwen3moe", "deepseek_v2": "deepseek2",
                 "deepseek_v3": "deepseek2", "falcon_mamba": "mamba"}
LAYER_NORMS = {"phi", "gpt2", "gpt_neox", "falcon", "cohere", "bert", "roberta"}
ENCODERS = {"bert", "roberta"}
PERMUTED = {"llama", "mistral", "mixtral", "granite"}
LATENT = {"deepseek_v2", "deepseek_v3"}
RECURRENT = {"mamba", "falcon_mamba"}


def read_safetensors(path):
    raw = path.read_bytes()
    (size,) = struct.unpack_from("<Q", raw)
    tensors = {}
    for name, entry in json.loads(raw[8:8 + size]).items():
        if name != "__metadata__":
            begin, end = (8 + size + offset for offset in entry["data_offsets"])
            assert entry["dtype"] == "F32", name
            tensors[name] = numpy.frombuffer(raw[begin:end], "<f4").reshape(entry["shape"])
    return tensors


class Model:
    """A directory's settings under one name each."""

    def __init__(self, folder):
        self.config = json.loads((folder / "config.json").read_text())
        self.weights = {}
        for file in sorted(folder.glob("model*.safetensors")):
            self.weights.update(read_safetensors(file))
        self.kind = self.config["model_type"]
        self.width = self.first("hidden_size", "n_embd", "d_model")
        self.layers = self.first("num_hidden_layers", "n_layer", "num_layers")
        self.heads = self.first("num_attention_heads", "n_head", "num_heads") or 1
        self.kv_heads = self.first("num_key_value_heads") or self.heads
        if self.kind == "falcon":
            multi_query = 1 if self.config["multi_query"] else self.heads
            is_new = self.config["new_decoder_architecture"]
            self.kv_heads = self.config["num_kv_heads"] if is_new else multi_query
        self.head = self.first("head_dim", "d_kv") or self.width // self.heads
        self.ffn = self.first("ffn_hidden_size", "intermediate_size", "n_inner", "d_ff")
        self.context = self.first("max_position_embeddings", "n_positions")
        if self.kind == "t5":
            self.context = self.context or 512
        if self.kind == "roberta":
            self.first_position = self.config["pad_token_id"] + 1
            self.context -= self.first_position
        self.epsilon = self.first("rms_norm_eps", "layer_norm_eps", "layer_norm_epsilon")
        self.rope = dict(self.first("rope_parameters", "rope_scaling") or {})
        self.rope.setdefault("rope_theta", self.first("rope_theta", "rotary_emb_base") or 10000.0)
        self.rope.setdefault("rope_type", self.rope.get("type", "default"))
        share = self.first("partial_rotary_factor", "rotary_pct")
        self.rotated = int(self.head * self.rope.get("partial_rotary_factor", share or 1.0))

    def first(self, *names):
        return next((self.config[name] for name in names if self.config.get(name) is not None),
                    None)


def add_state_sizes(writer, model):
    """Of layers without attention; the converter says that there are no heads."""
    writer.add_context_length(2**20)
    writer.add_embedding_length(model.width)
    writer.add_feed_forward_length(0)
    writer.add_head_count(0)
    writer.add_block_count(model.layers)
    writer.add_ssm_conv_kernel(model.config["conv_kernel"])
    writer.add_ssm_inner_size(model.config["intermediate_size"])
    writer.add_ssm_state_size(model.config["state_size"])
    writer.add_ssm_time_step_rank(model.config["time_step_rank"])
    writer.add_layer_norm_rms_eps(model.epsilon)
    writer.add_ssm_dt_b_c_rms(model.kind == "falcon_mamba")


def add_sizes(writer, model, vocabulary):
    writer.add_vocab_size(vocabulary)
    if model.kind in RECURRENT:
        add_state_sizes(writer, model)
    else:
        add_decoder_sizes(writer, model)
    if "bos_token_id" in model.config:
        writer.add_bos_token_id(model.config["bos_token_id"])
    writer.add_eos_token_id(model.config["eos_token_id"])
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)


def add_decoder_sizes(writer, model):
    writer.add_context_length(model.context)
    writer.add_embedding_length(model.width)
    writer.add_block_count(model.layers)
    writer.add_feed_forward_length(model.ffn)
    writer.add_head_count(model.heads)
    if model.kind not in ENCODERS | {"gpt2", "gpt_neox", "t5"}:
        writer.add_head_count_kv(1 if model.kind in LATENT else model.kv_heads)
    if model.kind in LAYER_NORMS:
        writer.add_layer_norm_eps(model.epsilon)
    else:
        writer.add_layer_norm_rms_eps(model.epsilon)
    if model.kind in LATENT:
        add_latent_sizes(writer, model)
    elif ("head_dim" in model.config or model.kind == "t5") and model.kind != "granite":
        writer.add_key_length(model.head)
        writer.add_value_length(model.head)


def add_latent_sizes(writer, model):
    """Widths of the heads as they are cached, and as the model has them."""
    rank, plain, rotated, value = (model.config[key] for key in (
        "kv_lora_rank", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim"))
    writer.add_q_lora_rank(model.config["q_lora_rank"])
    writer.add_kv_lora_rank(rank)
    writer.add_key_length(rank + rotated)
    writer.add_value_length(rank)
    writer.add_key_length_mla(plain + rotated)
    writer.add_value_length_mla(value)


def add_experts(writer, model):
    config = model.config
    count = model.first("num_local_experts", "num_experts", "n_routed_experts")
    if not count:
        return
    writer.add_expert_count(count)
    writer.add_expert_used_count(config["num_experts_per_tok"])
    if model.kind != "mixtral":
        writer.add_expert_feed_forward_length(config["moe_intermediate_size"])
    if model.kind == "qwen2_moe":
        writer.add_expert_shared_feed_forward_length(config["shared_expert_intermediate_size"])
    if model.kind in LATENT:
        is_sigmoid = model.kind == "deepseek_v3"
        writer.add_leading_dense_block_count(config["first_k_dense_replace"])
        writer.add_expert_shared_count(config["n_shared_experts"])
        writer.add_expert_weights_scale(config["routed_scaling_factor"])
        writer.add_expert_weights_norm(config["norm_topk_prob"])
        writer.add_expert_gating_func(gguf.ExpertGatingFuncType.SIGMOID if is_sigmoid
                                      else gguf.ExpertGatingFuncType.SOFTMAX)
        writer.add_expert_group_count(config["n_group"])
        writer.add_expert_group_used_count(config["topk_group"])


def add_rotary(writer, model):
    """Yields tensors of divisors of the frequencies."""
    rope = model.rope
    if model.kind in LATENT:
        writer.add_rope_dimension_count(model.config["qk_rope_head_dim"])
    if model.kind in ("llama", "mistral", "mixtral", "granite", "phi", "phi3", "gpt_neox"):
        writer.add_rope_dimension_count(model.rotated)
    if model.kind in ("gemma", "gemma2", "phi", "gpt_neox", "falcon"):
        assert rope["rope_theta"] == 10000, "converters leave out the base of this family"
    elif model.kind not in ENCODERS | RECURRENT | {"gpt2", "t5"}:
        writer.add_rope_freq_base(rope["rope_theta"])
    if rope["rope_type"] in ("linear", "yarn"):
        writer.add_rope_scaling_type(gguf.RopeScalingType(rope["rope_type"]))
        writer.add_rope_scaling_factor(rope["factor"])
    if rope["rope_type"] == "yarn":
        writer.add_rope_scaling_orig_ctx_len(rope["original_max_position_embeddings"])
    if rope["rope_type"] == "llama3":
        yield "rope_freqs.weight", llama3_divisors(rope, model.head)
    if rope["rope_type"] == "longrope":
        original = model.config["original_max_position_embeddings"]
        writer.add_rope_scaling_orig_ctx_len(original)
        grown = math.log(model.context / original) / math.log(original)
        writer.add_rope_scaling_attn_factors(math.sqrt(1 + grown))
        yield "rope_factors_long.weight", numpy.array(rope["long_factor"], "<f4")
        yield "rope_factors_short.weight", numpy.array(rope["short_factor"], "<f4")


def llama3_divisors(rope, head):
    context, low, high = (rope[key] for key in ("original_max_position_embeddings",
                                                "low_freq_factor", "high_freq_factor"))
    waves = 2 * numpy.pi * rope["rope_theta"] ** (numpy.arange(0, head, 2) / head)
    share = numpy.clip((context / waves - low) / (high - low), 0, 1)
    return (1 / ((1 - share) / rope["factor"] + share)).astype("<f4")


def add_settings(writer, model):
    """What one family alone has."""
    config = model.config
    if model.kind in ENCODERS:
        writer.add_causal_attention(False)
        writer.add_pooling_type(gguf.PoolingType.CLS)
        writer.add_token_type_count(config["type_vocab_size"])
    if model.kind == "t5":
        writer.add_layer_norm_eps(model.epsilon)
        writer.add_decoder_block_count(config["num_decoder_layers"])
        writer.add_relative_attn_buckets_count(config["relative_attention_num_buckets"])
        writer.add_decoder_start_token_id(config["decoder_start_token_id"])
    if model.kind == "mistral":
        writer.add_sliding_window(config["sliding_window"])
    if model.kind == "phi3":
        writer.add_sliding_window(config["sliding_window"] or 0)
    if model.kind in ("gemma2", "gemma3_text"):
        writer.add_sliding_window(config["sliding_window"])
    if model.kind == "gemma2":
        writer.add_attn_logit_softcapping(config["attn_logit_softcapping"])
        writer.add_final_logit_softcapping(config["final_logit_softcapping"])
    if model.kind == "gemma3_text":
        writer.add_sliding_window_pattern(config["layer_types"].index("full_attention") + 1)
        writer.add_rope_freq_base_swa(config["rope_local_base_freq"])
    if model.kind == "gpt_neox":
        writer.add_parallel_residual(config["use_parallel_residual"])
    if model.kind == "falcon":
        writer.add_tensor_data_layout("jploski")
    if model.kind == "granite":
        writer.add_attention_scale(config["attention_multiplier"])
        writer.add_embedding_scale(config["embedding_multiplier"])
        writer.add_residual_scale(config["residual_multiplier"])
        writer.add_logit_scale(config["logits_scaling"])
    if model.kind == "cohere":
        writer.add_logit_scale(config["logit_scale"])
        writer.add_rope_scaling_type(gguf.RopeScalingType.NONE)


def permuted(rows, heads):
    """Within each head: row i of the first half to 2i, of the second to 2i + 1."""
    halves = rows.reshape(heads, 2, -1, *rows.shape[1:])
    return halves.swapaxes(1, 2).reshape(rows.shape)


def ungrouped(rows, model):
    """Groups of queries, a key and a value each become all queries, all keys, all values."""
    groups = rows.reshape(model.kv_heads, -1, model.head, *rows.shape[1:])
    parts = (groups[:, :-2], groups[:, -2], groups[:, -1])
    return numpy.concatenate([part.reshape(-1, *rows.shape[1:]) for part in parts])


def converted(name, tensor, model):
    if model.kind in PERMUTED and ".q_proj." in name:
        return permuted(tensor, model.heads)
    if model.kind in PERMUTED and ".k_proj." in name:
        return permuted(tensor, model.kv_heads)
    if model.kind in ("falcon", "gpt_neox") and ".query_key_value." in name:
        return ungrouped(tensor, model)
    if model.kind == "gpt2" and name.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight")):
        return tensor.T
    if model.kind in RECURRENT and name.endswith(".A_log"):
        return -numpy.exp(tensor)
    if model.kind in RECURRENT and name.endswith(".conv1d.weight"):
        return tensor.squeeze(1)
    if model.kind == "roberta" and name.endswith("position_embeddings.weight"):
        return tensor[model.first_position:]
    if model.kind.startswith("gemma") and name.endswith("norm.weight"):
        tensor = tensor + numpy.float32(1)
    scaled = {"gemma2": ".q_proj.", "gemma3_text": ".q_norm."}.get(model.kind)
    if scaled and scaled in name:
        tensor = tensor * numpy.float32(
            math.sqrt(model.head / model.config["query_pre_attn_scalar"]))
    return tensor


EXPERT_PARTS = {"w1": "gate_proj", "w2": "down_proj", "w3": "up_proj"}


def gathered(weights, model):
    """Yields tensors by name: those of a layer's experts as one, and what makes keys and values of
    a latent vector as two."""
    experts = {}
    for name, tensor in weights.items():
        if ".experts." in name:
            layer, rest = name.split(".experts.")
            number, part, _ = rest.split(".")
            layer = layer.replace("block_sparse_moe", "mlp")
            whole = f"{layer}.experts.{EXPERT_PARTS.get(part, part)}.weight"
            experts.setdefault(whole, {})[int(number)] = tensor
        elif name.endswith(".kv_b_proj.weight"):
            heads = tensor.reshape(model.heads, -1, tensor.shape[-1])
            plain = model.config["qk_nope_head_dim"]
            yield name.replace("kv_b_proj", "k_b_proj"), heads[:, :plain].swapaxes(1, 2)
            yield name.replace("kv_b_proj", "v_b_proj"), heads[:, plain:]
        else:
            yield name.replace("e_score_correction_bias", "e_score_correction.bias"), tensor
    for name, parts in experts.items():
        yield name, numpy.stack([parts[number] for number in range(len(parts))])


def convert(folder, output, vocabulary=None):
    model = Model(folder)
    vocabulary = vocabulary or model.config["vocab_size"]
    architecture = ARCHITECTURES.get(model.kind, model.kind)
    number = next(key for key, name in gguf.MODEL_ARCH_NAMES.items() if name == architecture)
    names = gguf.get_tensor_name_map(number, model.layers)
    output.parent.mkdir(exist_ok=True)
    writer = gguf.GGUFWriter(output, architecture)
    add_sizes(writer, model, vocabulary)
    tensors = list(add_rotary(writer, model))
    add_settings(writer, model)
    add_experts(writer, model)
    for name, tensor in gathered(model.weights, model):
        if model.kind in ENCODERS:
            name = name.removeprefix(model.kind + ".")
            if name.startswith(("cls.", "lm_head.")):
                continue  # as the converter does: an embedding needs no head
        target = names.get_name(name, try_suffixes=(".weight", ".bias"))
        if target.startswith(("token_embd.", "output.")):
            tensor = tensor[:vocabulary]
        tensors.append((target, converted(name, tensor, model)))
    for target, tensor in tensors:
        writer.add_tensor(target, numpy.ascontiguousarray(tensor))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=pathlib.Path, nargs="?")
    parser.add_argument("-o", "--output", type=pathlib.Path)
    parser.add_argument("--vocabulary", type=int)
    parser.add_argument("--all", action="store_true")
    arguments = parser.parse_args()
    if arguments.all:
        for name in KEPT:
            convert(HERE / "models" / name, HERE / "gguf" / f"{name}.gguf", KEPT_VOCABULARY)
    elif arguments.model and arguments.output:
        convert(arguments.model, arguments.output, arguments.vocabulary)
    else:
        parser.error("expected MODEL and -o FILE, or --all")


if __name__ == "__main__":
    main()
