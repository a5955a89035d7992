#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the model of a GGUF file without its last layers.

  cut_gguf.py FILE --layers=N -o FILE

Layers are tensors named blk.0, blk.1 and so on, and `block_count` says how many there are. All else
keeps its bytes. Only the standard library is used; the same arguments give the same bytes.
"""
import argparse
import pathlib
import struct

from make_gguf import ALIGNMENT, ARRAY, STRING, U32, text

WIDTHS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}  # of values, by type


class Reader:
    def __init__(self, raw):
        self.raw, self.place = raw, 0

    def skip(self, count):
        self.place += count
        return self.raw[self.place - count:self.place]

    def number(self, form):
        return struct.unpack(form, self.skip(struct.calcsize(form)))[0]

    def text(self):
        return self.skip(self.number("<Q")).decode()

    def skip_value(self, kind):
        if kind == STRING:
            self.text()
        elif kind == ARRAY:
            element, count = self.number("<I"), self.number("<Q")
            if element == STRING:
                for _ in range(count):
                    self.text()
            else:
                self.skip(WIDTHS[element] * count)
        else:
            self.skip(WIDTHS[kind])


def read_entries(reader, count):
    """Yields (key, type and value as bytes)."""
    for _ in range(count):
        key, begin = reader.text(), reader.place
        reader.skip_value(reader.number("<I"))
        yield key, reader.raw[begin:reader.place]


def read_tensors(reader, count):
    """Yields (name, shape and type as bytes, offset)."""
    for _ in range(count):
        name, begin = reader.text(), reader.place
        reader.skip(8 * reader.number("<I") + 4)
        shape = reader.raw[begin:reader.place]
        yield name, shape, reader.number("<Q")


def is_kept(name, layers):
    return not name.startswith("blk.") or int(name.split(".")[1]) < layers


def padded(size):
    return -(-size // ALIGNMENT) * ALIGNMENT


def cut(raw, layers):
    reader = Reader(raw)
    magic = reader.skip(8)
    tensor_count, entry_count = reader.number("<Q"), reader.number("<Q")
    entries = b""
    for key, value in read_entries(reader, entry_count):
        if key.endswith(".block_count"):
            value = struct.pack("<II", U32, layers)
        entries += text(key) + value
    tensors = list(read_tensors(reader, tensor_count))
    start = padded(reader.place)
    ends = sorted(offset for _, _, offset in tensors)[1:] + [len(raw) - start]
    end_of = dict(zip(sorted(offset for _, _, offset in tensors), ends))
    head, data = b"", b""
    kept = [tensor for tensor in tensors if is_kept(tensor[0], layers)]
    for name, shape, offset in kept:
        head += text(name) + shape + struct.pack("<Q", len(data))
        data += raw[start + offset:start + end_of[offset]]
        data += b"\0" * (padded(len(data)) - len(data))
    result = magic + struct.pack("<QQ", len(kept), entry_count) + entries + head
    return result + b"\0" * (padded(len(result)) - len(result)) + data


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--layers", type=int, required=True)
    parser.add_argument("-o", dest="output", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    arguments.output.write_bytes(cut(arguments.model.read_bytes(), arguments.layers))


if __name__ == "__main__":
    main()
