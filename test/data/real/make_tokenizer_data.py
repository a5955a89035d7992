#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes what the tokenizer's tests read: reference ids, and the vocabularies that they are ids of.

    make_tokenizer_data.py --goldens DIR --models DIR

GOLDENS holds smollm2/ and minilm/ with the ids that llama.cpp and the `tokenizers` package gave; MODELS holds
smollm2/*.gguf and minilm/tokenizer.json. Of the GGUF file only the keys `tokenizer.*` are kept, as JSON, so that the
tests need no 98 MB model.
"""

import argparse
import json
import pathlib
import shutil
import struct

SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
STRING, ARRAY = 8, 9


class GgufKeys:
    """Reads the key-value section of a GGUF file, version 2 or 3."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = file.read(16 << 20)
        self.at = 0
        magic, version, _, count = self.take("<4sIQQ")
        assert magic == b"GGUF" and version in (2, 3), f"{path} is no GGUF file of version 2 or 3"
        self.keys = {}
        for _ in range(count):
            key = self.string()
            self.keys[key] = self.value(self.take("<I")[0])

    def take(self, layout):
        values = struct.unpack_from(layout, self.data, self.at)
        self.at += struct.calcsize(layout)
        return values

    def string(self):
        (length,) = self.take("<Q")
        self.at += length
        return self.data[self.at - length : self.at].decode()

    def value(self, kind):
        if kind == STRING:
            return self.string()
        if kind == ARRAY:
            kind, length = self.take("<IQ")
            return [self.value(kind) for _ in range(length)]
        return self.take("<" + SCALARS[kind])[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--goldens", type=pathlib.Path, required=True)
    parser.add_argument("--models", type=pathlib.Path, required=True)
    args = parser.parse_args()
    here = pathlib.Path(__file__).parent

    (gguf,) = (args.models / "smollm2").glob("*.gguf")
    keys = {key: value for key, value in GgufKeys(gguf).keys.items() if key.startswith("tokenizer.")}
    (here / "smollm2").mkdir(exist_ok=True)
    text = json.dumps(keys, ensure_ascii=False, separators=(",", ":"))
    (here / "smollm2" / "gguf_tokenizer.json").write_text(text + "\n")
    for name in ("tokens.json", "prompts.json"):
        shutil.copyfile(args.goldens / "smollm2" / name, here / "smollm2" / name)

    (here / "minilm").mkdir(exist_ok=True)
    shutil.copyfile(args.models / "minilm" / "tokenizer.json", here / "minilm" / "tokenizer.json")
    for name in ("tokens.json", "sentences.json"):
        shutil.copyfile(args.goldens / "minilm" / name, here / "minilm" / name)


if __name__ == "__main__":
    main()
