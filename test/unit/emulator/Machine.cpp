// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/unit/emulator/Machine.h"

#include <fstream>
#include <sstream>

namespace tern::test {

std::string ptx(const std::string &kernels, unsigned target) {
  return ".version 8.0\n.target sm_" + std::to_string(target) + "\n.address_size 64\n" + kernels;
}

std::string kernel(const std::string &parameters, const std::string &body,
                   const std::string &outside, unsigned target) {
  return ptx(outside + ".visible .entry k(" + parameters +
                 ") {\n.reg .pred %p<9>;\n.reg .b16 %h<99>;\n.reg .b32 %r<99>;\n.reg .f32 %f<99>;\n"
                 ".reg .b64 %d<99>;\n.reg .f64 %e<99>;\n" +
                 body + "\nret;\n}\n",
             target);
}

std::string told(format::Error error) { return error ? error.message() : std::string(); }

std::string readPtx(const std::string &name) {
  std::ifstream file(std::string(TERN_TEST_PTX) + "/" + name);
  EXPECT_TRUE(file) << name;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

Machine::Machine(const std::string &text) {
  EXPECT_EQ(told(Module::parse(text, module)), "");
  if (!module.kernels().empty())
    kernelName = module.kernels().front();
}

std::string Machine::run(Size3 grid, Size3 block, const Parameters &parameters,
                         uint64_t dynamicBytes) {
  Launch launch{kernelName, grid, block, dynamicBytes, parameters.bytes};
  return told(tern::runtime::emulator::run(module, launch, memory, options, counts));
}

} // namespace tern::test
