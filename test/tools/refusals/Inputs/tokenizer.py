# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""tokenizer.py MODEL FOLDER: what is said of a Hugging Face directory with a wrong tokenizer."""
import json
import pathlib
import shutil
import sys

from refuse import refuse

SEED, FOLDER = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
LETTERS = "abcdefghijklmnopqrstuvwxyz"
TOKENIZER = {
    "version": "1.0", "truncation": None, "padding": None, "normalizer": None,
    "added_tokens": [{"id": 0, "content": "<s>", "single_word": False, "lstrip": False,
                      "rstrip": False, "normalized": False, "special": True}],
    "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True,
                      "use_regex": True},
    "post_processor": None,
    "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True,
                "use_regex": True},
    "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
              "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False,
              "vocab": {"<s>": 0, **{letter: i + 1 for i, letter in enumerate(LETTERS)}, "ab": 27},
              "merges": ["a b"]},
}
SETTINGS = {"bos_token": "<s>", "tokenizer_class": "PreTrainedTokenizerFast"}


def given(case, tokenizer, settings=json.dumps(SETTINGS), tools=None):
    shutil.rmtree(FOLDER / "m", ignore_errors=True)
    shutil.copytree(SEED, FOLDER / "m", copy_function=shutil.copyfile)
    (FOLDER / "m").chmod(0o755)
    (FOLDER / "m/tokenizer.json").write_bytes(
        tokenizer if isinstance(tokenizer, bytes) else json.dumps(tokenizer).encode())
    (FOLDER / "m/tokenizer_config.json").write_text(settings)
    refuse(case, FOLDER, "m", prompt="--prompt=ab", **({"tools": tools} if tools else {}))


def model(case, tools=None, **values):
    given(case, {**TOKENIZER, "model": {**TOKENIZER["model"], **values}}, tools=tools)


def vocabulary(case, tools=None, **values):
    model(case, tools, vocab={**TOKENIZER["model"]["vocab"], **values})


WHOLE = json.dumps(TOKENIZER).encode()
given("empty", b"")
given("cut short", WHOLE[:-20])
given("an array", b"[]")
given("no object of a tokenizer", b"{}")
given("not UTF-8", WHOLE.replace(b'"ab"', b'"\xff\xfe"'))
given("deep nesting", b'{"a":' * 5000)
given("unknown pre-tokeniser", {**TOKENIZER, "pre_tokenizer": {"type": "Klingon"}})
given("unknown decoder", {**TOKENIZER, "decoder": {"type": "Klingon"}})
given("unknown model", {**TOKENIZER, "model": {"type": "Klingon", "vocab": {}}})
given("added token against the vocabulary", {**TOKENIZER, "added_tokens": [
    {**TOKENIZER["added_tokens"][0], "id": 5}]})
model("merge of what is no token", merges=["a ?"])
model("merge of one", merges=["ab"])
model("vocabulary is a list", vocab=["a"])
vocabulary("negative id", ab=-1)
vocabulary("id beyond 32 bits", ab=1 << 40)
vocabulary("id beyond the model", tools=("tern-run",), ab=320)
given("settings cut short", TOKENIZER, settings='{"bos')
given("settings are an array", TOKENIZER, settings="[]")
given("start token that is none", TOKENIZER, settings='{"bos_token": "<start>"}')
