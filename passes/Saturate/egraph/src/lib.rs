// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Equality saturation over terms, proofs of what was found, and extraction.
