#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The runtime library multiplies no vectors of floating-point numbers: contraction, attention,
norms and dequantisation are the artefact's kernels, never its own.

    packed_arithmetic.py OBJDUMP LIBRARY
"""

import re
import subprocess
import sys

# mulps, vmulpd, vfmadd231ps, vfnmsub132pd, vdpbf16ps and the dot products; half precision too.
PACKED = re.compile(r"^v?(mulp[sdh]|dpp[sd]|f(n?m(add|sub)|maddsub|msubadd)\d*p[sdh]|dpbf16ps|"
                    r"pdpbus\w+|pdpwss\w+|pmaddubsw|f(n?m(add|sub))p[sd])$")
LINE = re.compile(r"^\s*[0-9a-f]+:\s+(?:(?:lock|rep\w*|data16|bnd|notrack)\s+)*(\w+)(.*)$")
HEAD = re.compile(r"^[0-9a-f]+ <(.+)>:$")


def main():
    objdump, library = sys.argv[1:]
    shown = subprocess.run([objdump, "-d", "-C", "--no-show-raw-insn", library], check=True,
                           capture_output=True, text=True).stdout
    instructions = 0
    function = "?"
    found = []
    for line in shown.splitlines():
        head = HEAD.match(line)
        if head:
            function = head[1]
        match = LINE.match(line)
        if not match:
            continue
        instructions += 1
        if PACKED.match(match[1]):
            found.append(f"{function}: {match[1]}{match[2]}")
    if instructions < 1000:
        sys.exit(f"{library}: expected a library's worth of instructions, found {instructions}")
    for line in found:
        print(line)
    print(f"{library}: {len(found)} packed products among {instructions} instructions")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
