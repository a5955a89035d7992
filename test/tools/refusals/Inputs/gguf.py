# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""gguf.py MODEL.gguf FOLDER: what is said of a GGUF file that is damaged in one place."""
import pathlib
import struct
import sys

from gguf_file import GgufFile, f32, string, strings, u32
from refuse import refuse

SEED, FOLDER = pathlib.Path(sys.argv[1]).read_bytes(), pathlib.Path(sys.argv[2])


def given(case, raw):
    (FOLDER / "m.gguf").write_bytes(raw)
    refuse(case, FOLDER, "m.gguf")


def edited(case, edit):
    file = GgufFile(SEED)
    edit(file)
    given(case, file.write())


def key(case, name, value):
    edited(case, lambda file: file.keys.update({name: value}))


def no_key(case, name):
    edited(case, lambda file: file.keys.pop(name))


def tensor(case, name, place, value):
    edited(case, lambda file: file.tensors[name].__setitem__(place, value))


def rename(file, old, new):
    file.tensors = {new if name == old else name: entry for name, entry in file.tensors.items()}


def q8_1(file):
    """A type that exists and is not read: 36 bytes for 32 elements."""
    entry = file.tensors["output.weight"]
    entry[1] = 9
    file.data = file.data[:entry[2]] + bytes(320 * 2 * 36)


def byte_level(file):
    file.keys.update({"tokenizer.ggml.model": string("gpt2"),
                      "tokenizer.ggml.pre": string("klingon"),
                      "tokenizer.ggml.merges": strings(["a b"])})


FOLDER.mkdir(parents=True, exist_ok=True)
given("empty", b"")
given("other file", b"%PDF-1.7 and so on")
given("magic alone", SEED[:4])
given("cut in the counts", SEED[:20])
given("cut in a key", SEED[:60])
given("cut in the table", SEED[:len(SEED) - len(GgufFile(SEED).data) - 100])
given("cut in the data", SEED[:-1])
given("too long", SEED + bytes(4096))
given("version 1", SEED[:4] + struct.pack("<I", 1) + SEED[8:])
given("big-endian", SEED[:4] + struct.pack(">I", 3) + SEED[8:])
given("many tensors", SEED[:8] + struct.pack("<Q", 1 << 62) + SEED[16:])
given("many keys", SEED[:16] + struct.pack("<Q", (1 << 64) - 1) + SEED[24:])
given("long key", SEED[:24] + struct.pack("<Q", (1 << 64) - 8) + SEED[32:])
given("key twice", SEED.replace(b"llama.block_count", b"llama.vocab_sizes").replace(
    b"llama.vocab_sizes", b"llama.vocab_size\x00").replace(b"llama.vocab_size\x00",
                                                          b"general.alignment"))

key("no such family", "general.architecture", string("rwkv"))
no_key("no family", "general.architecture")
key("family is a number", "general.architecture", u32(1))
no_key("no width", "llama.embedding_length")
key("no heads", "llama.attention.head_count", u32(0))
key("heads that do not divide", "llama.attention.head_count_kv", u32(3))
key("width is text", "llama.embedding_length", string("64"))
key("epsilon", "llama.attention.layer_norm_rms_epsilon", f32(float("nan")))
key("experts that no row uses", "llama.expert_count", u32(8))
key("key of another family", "llama.embedding_scale", f32(12))
key("rope type", "llama.rope.scaling.type", string("longrope"))
key("rope factor", "llama.rope.scaling.type", string("linear"))
key("part of a model", "split.count", struct.pack("<IH", 2, 3))
key("alignment", "general.alignment", u32(48))
key("more layers than tensors", "llama.block_count", u32(3))
key("vocabulary against the embedding", "llama.vocab_size", u32(321))

tensor("rows of part of a block", "blk.0.attn_q.weight", 1, 12)
edited("tensor type", q8_1)
tensor("no such tensor type", "blk.0.attn_q.weight", 1, 99)
tensor("sizes overflow", "blk.0.attn_q.weight", 0, [1 << 40, 1 << 40])
tensor("size 0", "blk.0.attn_q.weight", 0, [64, 0])
tensor("five dimensions", "blk.0.attn_q.weight", 0, [1, 1, 1, 1, 1])
tensor("misshapen", "blk.0.attn_q.weight", 0, [128, 32])
tensor("part of a block", "blk.0.attn_q.weight", 0, [16, 256])
tensor("beyond the file", "output.weight", 0, [64, 32000])
tensor("offset", "blk.0.attn_q.weight", 2, 32)
tensor("offset overflows", "blk.0.attn_q.weight", 2, (1 << 64) - 32)
edited("missing", lambda file: rename(file, "blk.1.ffn_up.weight", "blk.1.ffn_cup.weight"))
edited("missing norm", lambda file: rename(file, "output_norm.weight", "output_gnorm.weight"))

key("tokenizer model", "tokenizer.ggml.model", string("t6"))
edited("pre-tokeniser", byte_level)
key("tokens missing", "tokenizer.ggml.tokens", strings(["a", "b"]))
no_key("no tokens", "tokenizer.ggml.tokens")
key("bos", "tokenizer.ggml.bos_token_id", u32(320))
key("eos is text", "tokenizer.ggml.eos_token_id", string("</s>"))
key("scores", "tokenizer.ggml.scores", strings(["a"]))
