# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""edit_pins.py FILE.json FUNCTION (PIN WORD)...: prints the decisions with pins set, or taken away for the word -. The
pin `term *` is each that is there of a term, and `leaf NAME` that of a value."""
import json
import sys

decisions = json.load(open(sys.argv[1], encoding="utf-8"))
function = decisions["functions"][sys.argv[2]]
pins = function["pins"]


def named(pin):
    if pin == "term *":
        return [own for own in pins if own.startswith("term ")]
    if pin.startswith("leaf "):
        return [f"term {hash}" for hash, term in function["terms"].items() if term.get("leaf") == pin[5:]]
    return [pin]


for name, word in zip(sys.argv[3::2], sys.argv[4::2]):
    for pin in named(name):
        if word == "-":
            pins.pop(pin)
        else:
            pins[pin] = word
print(json.dumps(decisions))
