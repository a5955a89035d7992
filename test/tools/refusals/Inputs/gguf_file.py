# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A GGUF file in parts that can be changed and written again, right or wrong."""
import struct

WIDTHS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
U32, F32, BOOL, STRING, ARRAY, I32 = 4, 6, 7, 8, 9, 5


def text(value):
    return struct.pack("<Q", len(value.encode())) + value.encode()


def u32(value):
    return struct.pack("<II", U32, value)


def f32(value):
    return struct.pack("<If", F32, value)


def string(value):
    return struct.pack("<I", STRING) + text(value)


def strings(values):
    return struct.pack("<IIQ", ARRAY, STRING, len(values)) + b"".join(map(text, values))


class GgufFile:
    """`keys` has a value with its type for each key, `tensors` [sizes, type, offset] for each name."""

    def __init__(self, raw):
        self.raw, self.at = raw, 4
        self.version, tensors, keys = self.take("<IQQ")
        self.keys = {self.text(): self.value() for _ in range(keys)}
        self.tensors = {self.text(): self.entry() for _ in range(tensors)}
        self.data = raw[self.at + -self.at % 32:]

    def take(self, form):
        found = struct.unpack_from(form, self.raw, self.at)
        self.at += struct.calcsize(form)
        return found

    def text(self):
        size, = self.take("<Q")
        self.at += size
        return self.raw[self.at - size:self.at].decode()

    def value(self):
        begin = self.at
        kind, = self.take("<I")
        count = 1
        if kind == ARRAY:
            kind, count = self.take("<IQ")
        if kind == STRING:
            for _ in range(count):
                self.text()
        else:
            self.at += count * WIDTHS[kind]
        return self.raw[begin:self.at]

    def entry(self):
        rank, = self.take("<I")
        sizes = self.take(f"<{rank}Q")
        return [list(sizes), *self.take("<IQ")]

    def write(self):
        head = b"GGUF" + struct.pack("<IQQ", self.version, len(self.tensors), len(self.keys))
        head += b"".join(text(key) + value for key, value in self.keys.items())
        for name, (sizes, kind, offset) in self.tensors.items():
            head += text(name) + struct.pack(f"<I{len(sizes)}QIQ", len(sizes), *sizes, kind, offset)
        return head + bytes(-len(head) % 32) + self.data
