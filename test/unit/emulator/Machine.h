// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/src/device/emulator/Emulator.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

/// What tests of the emulator say in one line each.
namespace tern::test {

using namespace tern::runtime::emulator;

/// The head of a module for sm_80 (or another), before its kernels.
std::string ptx(const std::string &kernels, unsigned target = 80);

/// A kernel `k` with parameters and a body between the braces, registers %p<9> .pred, %h<99> .b16,
/// %r<99> .b32, %f<99> .f32, %d<99> .b64 and %e<99> .f64 declared.
std::string kernel(const std::string &parameters, const std::string &body,
                   const std::string &outside = "", unsigned target = 80);

/// The message of an error, or nothing.
std::string told(format::Error error);

/// A file of test/data/ptx.
std::string readPtx(const std::string &name);

/// Parameters of a kernel, each aligned to its size.
class Parameters {
public:
  template <class... T> explicit Parameters(T... values) { (add(values), ...); }

  template <class T> void add(T value) {
    bytes.resize((bytes.size() + sizeof(T) - 1) / sizeof(T) * sizeof(T) + sizeof(T));
    std::memcpy(&bytes[bytes.size() - sizeof(T)], &value, sizeof(T));
  }

  std::vector<std::byte> bytes;
};

/// A module, memory and launches of its only kernel.
class Machine {
public:
  explicit Machine(const std::string &text);

  /// Registers a vector and gives its address; it is to outlive the machine's runs.
  template <class T>
  uint64_t add(std::vector<T> &values, std::string name,
               Contents contents = Contents::Initialised) {
    return memory.add(values.data(), values.size() * sizeof(T), std::move(name), contents);
  }

  /// Runs kernelName, the module's first unless it was set.
  std::string run(Size3 grid, Size3 block, const Parameters &parameters, uint64_t dynamicBytes = 0);

  Module module;
  Memory memory;
  Options options;
  Counts counts;
  std::string kernelName;
};

} // namespace tern::test
