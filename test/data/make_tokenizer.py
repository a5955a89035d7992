#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a Hugging Face directory with a small tokenizer beside a model that has none.

  make_tokenizer.py MODEL -o DIRECTORY

MODEL is a directory with config.json and model.safetensors and a vocabulary of 285 tokens or more.
The tokenizer is byte-level BPE: one special token, 256 bytes, some merges. That of a BERT is
WordPiece: five special tokens, letters, some words and their parts. The same arguments give the
same bytes.
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


def word_piece():
    letters = [chr(ord("a") + i) for i in range(26)]
    special = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]"]
    vocabulary = [*special, *letters, *("##" + letter for letter in letters), *".,!?#'",
                  "the", "and", "in", "##ing", "##er", "##the", "\u4e2d"]
    ids = {token: i for i, token in enumerate(vocabulary)}
    framed = [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
              {"SpecialToken": {"id": "[SEP]", "type_id": 0}}]
    return {"version": "1.0", "truncation": None, "padding": None,
            "added_tokens": [{"id": ids[token], "content": token, "single_word": False,
                              "lstrip": False, "rstrip": False, "normalized": False,
                              "special": True} for token in special],
            "normalizer": {"type": "BertNormalizer", "clean_text": True,
                           "handle_chinese_chars": True, "strip_accents": None, "lowercase": True},
            "pre_tokenizer": {"type": "BertPreTokenizer"},
            "post_processor": {"type": "TemplateProcessing", "single": framed, "pair": framed,
                               "special_tokens": {token: {"id": token, "ids": [ids[token]],
                                                          "tokens": [token]}
                                                  for token in ("[CLS]", "[SEP]")}},
            "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
            "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                      "max_input_chars_per_word": 100, "vocab": ids}}


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
    kind = json.loads((arguments.model / "config.json").read_text())["model_type"]
    files = ({"tokenizer": word_piece()} if kind == "bert"
             else {"tokenizer": tokenizer(), "tokenizer_config": SETTINGS})
    for name, content in files.items():
        (arguments.output / f"{name}.json").write_text(json.dumps(content))


if __name__ == "__main__":
    main()
