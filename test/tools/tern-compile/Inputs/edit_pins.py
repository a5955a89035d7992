# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""edit_pins.py FILE.json FUNCTION (PIN WORD)...: prints the decisions with pins set, or taken away for the word -. The
pin `term *` is each that is there of a term."""
import json
import sys

decisions = json.load(open(sys.argv[1], encoding="utf-8"))
pins = decisions["functions"][sys.argv[2]]["pins"]
for name, word in zip(sys.argv[3::2], sys.argv[4::2]):
    for pin in [pin for pin in pins if pin.startswith("term ")] if name == "term *" else [name]:
        if word == "-":
            pins.pop(pin)
        else:
            pins[pin] = word
print(json.dumps(decisions))
