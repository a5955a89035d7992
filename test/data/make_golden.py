#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes small models with random weights and what transformers computes of them in float64.

  make_golden.py

Needs torch==2.15.0, transformers==5.23.0 and safetensors==0.8.0, which is why its results are kept
in test/data/models, beside those that copy_goldens.py takes from a larger set made in the same way:
logits of three prompts at every position, from a copy of the model in float64 in which the
library's casts to float32 are casts to float64, and 24 tokens of greedy continuation, of which
each has a margin of 2e-3 of the largest logit. `f32_error` in case.json is what the library's own
run in float32 loses. The same versions give the same bytes.
"""
import contextlib
import copy
import json
import pathlib

import torch
import transformers
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).parent
STEPS, MARGIN, PROMPTS = 24, 2e-3, (1, 7, 33)
BASE = {"vocab_size": 160, "num_hidden_layers": 2, "hidden_size": 32, "pad_token_id": 0,
        "bos_token_id": 1, "eos_token_id": 2}
CASES = {
    # As OPT 350M: norms behind the sums, an embedding that is narrower than the stream.
    "opt-post": ("OPTConfig", "OPTForCausalLM", BASE | {
        "num_attention_heads": 4, "ffn_dim": 64, "max_position_embeddings": 128,
        "do_layer_norm_before": False, "word_embed_proj_dim": 24}),
    "falcon_mamba": ("FalconMambaConfig", "FalconMambaForCausalLM", BASE | {
        "state_size": 8, "time_step_rank": 4, "mixer_rms_eps": 0.01, "residual_in_fp32": False,
        "tie_word_embeddings": False}),
}


def generator(*names):
    value = 0
    for byte in ":".join(map(str, names)).encode():
        value = (value * 1099511628211 + byte + 1) % (1 << 62)
    return torch.Generator().manual_seed(value)


@torch.no_grad()
def randomise(model, noise_of):
    """Vectors lie around their usual value; matrices keep the size of what they multiply."""
    embeddings = {id(m.weight) for m in model.modules() if isinstance(m, torch.nn.Embedding)}
    is_tied = model.config.tie_word_embeddings  # a small embedding does not repeat its last token
    for name, weight in sorted(model.named_parameters()):
        noise = torch.randn(weight.shape, generator=noise_of)
        if name.endswith((".A_log", ".D")):
            weight.add_(0.1 * noise)
        elif id(weight) in embeddings:
            weight.copy_((0.2 if is_tied else 0.7) * noise)
        elif weight.dim() < 2:
            weight.add_(0.2 * noise)
        else:
            weight.copy_((1.5 if is_tied else 1.3) * weight.shape[-1] ** -0.5 * noise)


@contextlib.contextmanager
def wide():
    single, to_single = torch.float32, torch.Tensor.float
    torch.set_default_dtype(torch.float64)
    torch.float32, torch.Tensor.float = torch.float64, torch.Tensor.double
    try:
        yield
    finally:
        torch.set_default_dtype(single)
        torch.float32, torch.Tensor.float = single, to_single


@torch.no_grad()
def logits_of(model, ids):
    double = copy.deepcopy(model).double().eval()
    with wide():
        return double(input_ids=torch.tensor([ids]), use_cache=False).logits[0]


@torch.no_grad()
def greedy(model, ids):
    """The continuation and its smallest margin."""
    path, least = [], float("inf")
    for _ in range(STEPS):
        last = logits_of(model, ids + path)[-1]
        top = last.topk(2).values
        least = min(least, float((top[0] - top[1]) / last.abs().max()))
        path.append(int(last.argmax()))
    return path, least


def clear_prompt(model, name, number, length):
    """A prompt whose continuation is clear and not a few tokens alone."""
    for attempt in range(200):
        ids = torch.randint(3, model.config.vocab_size, (length,),
                            generator=generator(name, "prompt", number, attempt)).tolist()
        path, least = greedy(model, ids)
        if least > MARGIN and len(set(path)) >= 6 - attempt // 20:
            return ids, path, least
    raise RuntimeError(f"{name}: no prompt of {length} tokens has a clear continuation")


def write(name, config_class, model_class, settings):
    folder = HERE / "models" / name
    config = getattr(transformers, config_class)(**settings)
    config._attn_implementation = "eager"
    torch.manual_seed(0)
    model = getattr(transformers, model_class)(config).eval()
    model.tie_weights()
    randomise(model, generator(name, "weights"))
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    tensors, margins, errors = {}, [], []
    for number, length in enumerate(PROMPTS):
        ids, path, least = clear_prompt(model, name, number, length)
        logits = logits_of(model, ids)
        with torch.no_grad():
            narrow = model(input_ids=torch.tensor([ids]), use_cache=False).logits[0]
        errors.append(float((narrow.double() - logits).abs().max() / logits.abs().max()))
        margins.append(least)
        prompt = f"prompt{number}."
        tensors[prompt + "input_ids"] = torch.tensor(ids, dtype=torch.int32)
        tensors[prompt + "greedy"] = torch.tensor(path, dtype=torch.int32)
        tensors[prompt + "logits"] = logits.float().contiguous()
    save_file(tensors, str(folder / "case.safetensors"))
    facts = {"case": name, "model_type": config.model_type, "model_class": model_class,
             "greedy_margin": margins, "f32_error": errors}
    (folder / "case.json").write_text(json.dumps(facts, indent=1) + "\n")


def main():
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    for name, case in CASES.items():
        write(name, *case)


if __name__ == "__main__":
    main()
