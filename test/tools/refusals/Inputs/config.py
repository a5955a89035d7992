# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""config.py MODEL FOLDER: what is said of a Hugging Face directory with a wrong config.json."""
import json
import pathlib
import shutil
import sys

from refuse import refuse

SEED, FOLDER = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
CONFIG = json.loads((SEED / "config.json").read_text())


def given(case, text, seed=SEED, **others):
    shutil.rmtree(FOLDER / "m", ignore_errors=True)
    (FOLDER / "m").mkdir(parents=True)
    shutil.copyfile(seed / "model.safetensors", FOLDER / "m/model.safetensors")
    for name, content in {"config": text, **others}.items():
        if content is not None:
            (FOLDER / "m" / f"{name}.json").write_text(content)
    refuse(case, FOLDER, "m")


def setting(case, **values):
    changed = {name: value for name, value in {**CONFIG, **values}.items() if value != "absent"}
    given(case, json.dumps(changed))


def rope(case, **values):
    setting(case, rope_parameters={**CONFIG["rope_parameters"], **values})


given("no config.json", None)
given("empty", "")
given("a bracket", "{")
given("cut short", json.dumps(CONFIG, indent=2)[:-3])
given("cut short after a line", json.dumps(CONFIG, indent=2)[:-2] + "\n")
given("wrong in a line", "{\n  \"model_type\": llama\n}")
given("an array", "[1, 2]")
given("no JSON", "model_type: llama")
given("key twice", '{"model_type": "llama", ' + json.dumps(CONFIG)[1:])
given("oversized", json.dumps({**CONFIG, "note": "x" * (1 << 20)}))
given("deep nesting", '{"a":' * 5000)
setting("family", model_type="rwkv")
setting("no family", model_type="absent")
setting("family is a list", model_type=["llama"])
setting("no width", hidden_size="absent")
setting("width 0", hidden_size=0)
setting("width is text", hidden_size="32")
setting("width beyond 64 bits", hidden_size=1 << 64)
setting("width of a half", hidden_size=32.5)
setting("width against the tensors", hidden_size=64)
setting("more layers than tensors", num_hidden_layers=3)
setting("heads that do not divide", num_key_value_heads=3)
setting("odd head", head_dim=7)
setting("vocabulary", vocab_size=161)
setting("epsilon", rms_norm_eps=0)
setting("activation", hidden_act="sinus")
setting("biases that are not there", attention_bias=True)
setting("embeddings not tied", tie_word_embeddings=False)
setting("tied is a number", tie_word_embeddings=1)
setting("end beyond the vocabulary", eos_token_id=160)
setting("switch of another family", alibi=True)
setting("quantised", quantization_config={"quant_method": "gptq"})
rope("rope type", rope_type="longrope")
rope("rope factors of another length", rope_type="longrope", short_factor=[1, 1, 1])
rope("rope base", rope_theta=-1.0)
rope("rope without factor", factor=None)
rope("rope factors contradict", low_freq_factor=4.0)
setting("rope settings are text", rope_parameters="llama3")
given("generation settings", json.dumps(CONFIG), generation_config='{"eos_token_id": [1, 999]}')
given("generation settings cut short", json.dumps(CONFIG), generation_config='{"eos_token')

seed = SEED.parent / "roberta"
given("activation of a head", json.dumps(json.loads((seed / "config.json").read_text())
                                         | {"hidden_act": "relu"}), seed)
