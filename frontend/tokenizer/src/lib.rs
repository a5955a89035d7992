// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Text to tokens and back, and chat templates.
