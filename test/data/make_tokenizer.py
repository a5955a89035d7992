#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a Hugging Face directory with a small tokenizer beside a model that has none.

  make_tokenizer.py MODEL -o DIRECTORY

MODEL is a directory with config.json and model.safetensors and a vocabulary of 285 tokens or more.
The tokenizer is byte-level BPE: one special token, 256 bytes, some merges. The same arguments give
the same bytes.
"""
import argparse
import json
import pathlib
import shutil


def byte_letters():
    """The letter of each byte in byte-level BPE: itself if it prints, else one from 256 on."""
    prints = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in prints]
    return {**{byte: chr(byte) for byte in prints},
            **{byte: chr(256 + i) for i, byte in enumerate(others)}}


def tokenizer():
    letters = byte_letters()
    merges = ["t h", "th e", "a n", "an d", "i n", "e r", "o n", f"{letters[32]} t", "Ã ¼"]
    vocabulary = ["<s>", *(letters[byte] for byte in range(256)),
                  *(merge.replace(" ", "") for merge in merges)]
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True,
                  "use_regex": True}
    special = {"id": 0, "content": "<s>", "single_word": False, "lstrip": False, "rstrip": False,
               "normalized": False, "special": True}
    model = {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
             "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False,
             "vocab": {token: i for i, token in enumerate(vocabulary)}, "merges": merges}
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [special],
            "normalizer": None, "pre_tokenizer": byte_level, "post_processor": None,
            "decoder": byte_level, "model": model}


SETTINGS = {
    "bos_token": "<s>", "tokenizer_class": "PreTrainedTokenizerFast",
    "chat_template": "{% for message in messages %}[{{ message['role'] }}] {{ message['content'] }}\n"
                     "{% endfor %}{% if add_generation_prompt %}[assistant] {% endif %}",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "model.safetensors"):
        shutil.copyfile(arguments.model / name, arguments.output / name)
    for name, content in (("tokenizer", tokenizer()), ("tokenizer_config", SETTINGS)):
        (arguments.output / f"{name}.json").write_text(json.dumps(content))


if __name__ == "__main__":
    main()
