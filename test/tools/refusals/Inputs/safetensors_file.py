# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reads and writes the parts of a safetensors file, right or wrong."""
import json
import struct


def read(raw):
    """(header, data)"""
    size, = struct.unpack_from("<Q", raw)
    return json.loads(raw[8:8 + size]), raw[8 + size:]


def write(header, data):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def part(header, data, names):
    """A file of these tensors alone."""
    kept, bytes_kept = {}, b""
    for name in names:
        begin, end = header[name]["data_offsets"]
        kept[name] = {**header[name],
                      "data_offsets": [len(bytes_kept), len(bytes_kept) + end - begin]}
        bytes_kept += data[begin:end]
    return write(kept, bytes_kept)
