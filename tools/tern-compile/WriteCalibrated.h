// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_COMPILE_WRITECALIBRATED_H
#define TERN_TOOLS_TERN_COMPILE_WRITECALIBRATED_H

#include <string>

namespace tern {

/// True if `--quantize` asks for one of these methods; binaryN is one beside a text.
bool isCalibrated(const std::string &spec, bool hasText);

/// Writes a Hugging Face directory anew as the directory `output` (NewFolder), with the matrices of
/// its layers in parts, as GPTQModel and AutoAWQ write them. `spec` is a method with its settings:
/// gptq, awq, high_impact, binaryN with ShiftAddLLM's error feedback, or rtn, which rounds each
/// weight to the nearest of gptq's grid.
/// `text` is the file whose activations the method sees; empty for rtn alone. Ctrl-C leaves
/// nothing. Throws UserError.
void writeCalibrated(const std::string &model, const std::string &spec, const std::string &text,
                     const std::string &output);

} // namespace tern

#endif
