// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A table of addresses needs a relocation.
static int one(void) { return 1; }
static int two(void) { return 2; }
int (*const table[])(void) = {one, two};
int choose(int i) { return table[i](); }
