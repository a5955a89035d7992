# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""chain.py COUNT: a function that negates its argument COUNT times."""
import sys

count = int(sys.argv[1])
print("func.func @f(%x0: tensor<8xf32>) -> tensor<8xf32> {")
for at in range(count):
    print(f"  %x{at + 1} = tern.neg %x{at} : tensor<8xf32>")
print(f"  return %x{count} : tensor<8xf32>\n}}")
