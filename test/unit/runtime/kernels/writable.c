// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A counter lives in a writable segment.
static int counter = 1;
int count(void) { return ++counter; }
