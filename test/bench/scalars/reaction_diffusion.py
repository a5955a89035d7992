#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""reaction_diffusion.py OUT.mlir [N]: the three-component reaction-diffusion problem of the Symbolics
tutorial (techniques F.6) as array code: @rhs(u), u of 3 x N x N numbers of f64, N = 32 unless given.

    dA = D (My A + A Mx) + alpha1 - A - A B + C
    dB = 1 - B - A B + C
    dC = 1 - C + A B - C
"""

import pathlib
import sys


def dense(rows):
    return "dense<[" + ", ".join("[" + ", ".join(f"{x:.1f}" for x in row) + "]" for row in rows) + "]>"


def main(out, n=32):
    n = int(n)
    second = [[-2.0 if i == j else float(abs(i - j) == 1) for j in range(n)] for i in range(n)]
    across = [row[:] for row in second]
    across[1][0] = across[n - 2][n - 1] = 2.0
    down = [row[:] for row in second]
    down[0][1] = down[n - 1][n - 2] = 2.0
    source = [[float(column >= 4 * n / 5) for column in range(1, n + 1)] for _ in range(n)]
    field, whole = f"tensor<{n}x{n}xf64>", f"tensor<3x{n}x{n}xf64>"
    one = f"tensor<1x{n}x{n}xf64>"
    lines = [f"func.func @rhs(%u: {whole}) -> {whole} {{"]
    for i, name in enumerate("abc"):
        lines += [
            f"  %{name}1 = tern.slice %u axis 0 from {i} size 1 : {whole}",
            f"  %{name} = tern.reshape %{name}1 : {one} to {field}",
        ]
    lines += [
        f"  %mx = tern.constant {dense(across)} : {field}",
        f"  %my = tern.constant {dense(down)} : {field}",
        f"  %alpha = tern.constant {dense(source)} : {field}",
        "  %d = tern.constant dense<100.0> : tensor<f64>",
        "  %one = tern.constant dense<1.0> : tensor<f64>",
    ]

    def term(name, operation):
        lines.append(f"  %{name} = tern.{operation}")

    def two(name, operation, left, right, types=f"{field}, {field}"):
        term(name, f"{operation} %{left}, %{right} : {types}")

    term("down", f'contract "ik,kj->ij" %my, %a : {field}, {field}')
    term("across", f'contract "ik,kj->ij" %a, %mx : {field}, {field}')
    two("both", "add", "down", "across")
    two("spread", "mul", "both", "d", f"{field}, tensor<f64>")
    two("ab", "mul", "a", "b")
    two("da1", "add", "spread", "alpha")
    two("da2", "sub", "da1", "a")
    two("da3", "sub", "da2", "ab")
    two("da", "add", "da3", "c")
    two("db1", "sub", "one", "b", f"tensor<f64>, {field}")
    two("db2", "sub", "db1", "ab")
    two("db", "add", "db2", "c")
    two("dc1", "sub", "one", "c", f"tensor<f64>, {field}")
    two("dc2", "add", "dc1", "ab")
    two("dc", "sub", "dc2", "c")
    for name in "abc":
        term(f"r{name}", f"reshape %d{name} : {field} to {one}")
    term("du", f"concat %ra, %rb, %rc axis 0 : {one}, {one}, {one}")
    lines += [f"  return %du : {whole}", "}", ""]
    pathlib.Path(out).write_text("\n".join(lines))


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(*sys.argv[1:])
