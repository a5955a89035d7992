#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains a small unigram model and writes what SentencePiece makes of texts by it.

  make_unigram.py

Needs sentencepiece==0.2.1, which is why its results are kept in test/data/unigram: the keys that a
GGUF file has of the model (keys.json), the table of replaced characters (charsmap, NFKC and more
as nmt_nfkc has them) and the ids of texts (tokens.json). Trained on test/data/real/text.txt.
"""
import io
import json
import pathlib

import sentencepiece
from sentencepiece import sentencepiece_model_pb2

HERE = pathlib.Path(__file__).parent
NORMAL, UNKNOWN, CONTROL = 1, 2, 3
SIZE = 400


def train():
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter((HERE / "real/text.txt").read_text().splitlines()),
        model_writer=model, model_type="unigram", vocab_size=SIZE, pad_id=0, eos_id=1, unk_id=2,
        bos_id=-1, normalization_rule_name="nmt_nfkc", num_threads=1, minloglevel=2)
    return model.getvalue()


def keys_of(proto):
    kinds = {proto.SentencePiece.NORMAL: NORMAL, proto.SentencePiece.UNKNOWN: UNKNOWN,
             proto.SentencePiece.CONTROL: CONTROL}
    normalizer = proto.normalizer_spec
    return {"tokenizer.ggml.model": "t5", "tokenizer.ggml.pre": "default",
            "tokenizer.ggml.tokens": [piece.piece for piece in proto.pieces],
            "tokenizer.ggml.scores": [piece.score for piece in proto.pieces],
            "tokenizer.ggml.token_type": [kinds[piece.type] for piece in proto.pieces],
            "tokenizer.ggml.add_space_prefix": normalizer.add_dummy_prefix,
            "tokenizer.ggml.remove_extra_whitespaces": normalizer.remove_extra_whitespaces,
            "tokenizer.ggml.eos_token_id": 1, "tokenizer.ggml.unknown_token_id": 2,
            "tokenizer.ggml.padding_token_id": 0}


def texts():
    for name in ("smollm2", "minilm"):
        for row in json.loads((HERE / f"real/{name}/tokens.json").read_text())["strings"]:
            if "text" in row:
                yield row["text"]
    yield from (HERE / "real/text.txt").read_text().split("\n\n")


def main():
    folder = HERE / "unigram"
    folder.mkdir(exist_ok=True)
    raw = train()
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(raw)
    processor = sentencepiece.SentencePieceProcessor(model_proto=raw)
    rows = []
    for text in dict.fromkeys(texts()):
        ids = processor.encode(text)
        rows.append({"text": text, "ids": ids})
        if processor.unk_id() not in ids:
            rows[-1]["decoded"] = processor.decode(ids)
    (folder / "charsmap").write_bytes(proto.normalizer_spec.precompiled_charsmap)
    for name, content in (("keys", keys_of(proto)), ("tokens", {"strings": rows})):
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        (folder / f"{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
