// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TEST_INTEGRATION_ENCODER_ENCODERS_H
#define TERN_TEST_INTEGRATION_ENCODER_ENCODERS_H

#include "test/integration/decoder/Golden.h"
#include "tools/generate/EncoderDecoder.h"
#include "tools/tern-run/CompiledEncoder.h"

namespace tern::test {

/// The encoder at `path`, compiled with `flags` and loaded on `cpu`.
CompiledEncoder compiledEncoder(const std::string &path, const std::string &flags);

/// What the references of the operations make of a text, in f64, all logits included.
generate::Encoding referenceEncoding(const std::string &path, const std::vector<int32_t> &tokens,
                                     const std::vector<int32_t> &types = {},
                                     Spelling spelling = Spelling::Composite);

/// The functions of the encoder and decoder at `path`, compiled with `flags` or by reference.
generate::RunFunction compiledFunctions(const std::string &path, const std::string &flags);
generate::RunFunction referenceFunctions(const std::string &path,
                                         Spelling spelling = Spelling::Composite);

/// The numbers of a tensor as rows along its last axis.
Logits rowsOf(const command::Tensor &tensor);

} // namespace tern::test

#endif
