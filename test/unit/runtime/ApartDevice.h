// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/src/device/Handle.h"
#include "runtime/src/device/cpu/CpuDevice.h"
#include "tern/tern.hpp"

#include <gtest/gtest.h>
#include <map>
#include <sys/mman.h>

namespace tern::test {

/// The CPU with memory of its own, as a GPU has it: pages that nobody may touch but kernels and
/// copies, kernels that are given no others, and copies to the host that take until it waits.
class ApartDevice final : public runtime::Device {
public:
  explicit ApartDevice(unsigned threads) : cpu(threads) {}
  ~ApartDevice() override { EXPECT_TRUE(allocated.empty()) << "memory was not given back"; }

  const char *name() const override { return "apart"; }
  format::Error checkTarget(const format::Index &index) const override {
    return cpu.checkTarget(index);
  }
  format::Error loadCode(const runtime::Artefact &artefact,
                         std::unique_ptr<runtime::LoadedCode> &out) override {
    return cpu.loadCode(artefact, out);
  }
  runtime::Device &host() override { return cpu; }
  bool sharesMemory() const override { return false; }

  format::Error allocate(uint64_t bytes, const char *, runtime::Memory &out) override {
    size_t length = bytes ? bytes : 1;
    void *start =
        mmap(nullptr, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    EXPECT_NE(start, MAP_FAILED);
    std::lock_guard lock(inUse);
    allocated[static_cast<std::byte *>(start)] = length;
    out = runtime::Memory(
        static_cast<std::byte *>(start), length,
        [](void *context, std::byte *freed) {
          auto &device = *static_cast<ApartDevice *>(context);
          std::lock_guard lock(device.inUse);
          munmap(freed, device.allocated.at(freed));
          device.allocated.erase(freed);
        },
        this);
    return {};
  }

  format::Error launch(const runtime::Work &work) override {
    for (size_t i = 0; i < work.launch.buffers.size(); ++i)
      EXPECT_TRUE(isOwn(work.buffers[i], work.bytes[i])) << work.program.name << ", buffer " << i;
    Open open(*this);
    return cpu.launch(work);
  }

  format::Error copy(void *destination, const void *source, uint64_t bytes) override {
    EXPECT_TRUE(isOwn(destination, bytes) && isOwn(source, bytes));
    Open open(*this);
    return Device::copy(destination, source, bytes);
  }
  format::Error write(void *destination, const void *hosts, uint64_t bytes) override {
    EXPECT_TRUE(isOwn(destination, bytes) && (bytes == 0 || !isOwn(hosts, bytes)));
    Open open(*this);
    return Device::copy(destination, hosts, bytes);
  }
  /// Arrives with `wait` and no sooner.
  format::Error read(void *hosts, const void *source, uint64_t bytes) override {
    EXPECT_TRUE(isOwn(source, bytes) && (bytes == 0 || !isOwn(hosts, bytes)));
    Open open(*this);
    auto *start = static_cast<const std::byte *>(source);
    underWay.emplace_back(hosts, std::vector<std::byte>(start, start + bytes));
    return {};
  }
  format::Error wait() override {
    std::lock_guard lock(inUse);
    for (const auto &[hosts, bytes] : underWay)
      std::ranges::copy(bytes, static_cast<std::byte *>(hosts));
    underWay.clear();
    return {};
  }
  format::Error clear(void *destination, uint64_t bytes) override {
    EXPECT_TRUE(isOwn(destination, bytes));
    Open open(*this);
    return Device::clear(destination, bytes);
  }

private:
  /// While kernels and copies go.
  struct Open {
    explicit Open(ApartDevice &device) : device(device), lock(device.inUse) {
      protect(PROT_READ | PROT_WRITE);
    }
    ~Open() { protect(PROT_NONE); }
    void protect(int rights) {
      for (auto [start, length] : device.allocated)
        mprotect(start, length, rights);
    }
    ApartDevice &device;
    std::lock_guard<std::recursive_mutex> lock;
  };

  bool isOwn(const void *address, uint64_t bytes) const {
    if (bytes == 0)
      return true;
    std::lock_guard lock(inUse);
    auto *place = static_cast<const std::byte *>(address);
    auto after = allocated.upper_bound(const_cast<std::byte *>(place));
    if (after == allocated.begin())
      return false;
    auto [start, length] = *std::prev(after);
    return uint64_t(place - start) + bytes <= length;
  }

  runtime::CpuDevice cpu;
  std::map<std::byte *, size_t> allocated;
  std::vector<std::pair<void *, std::vector<std::byte>>> underWay; ///< to the host
  mutable std::recursive_mutex inUse; ///< sessions of several threads take turns
};

/// The CPU, or one with memory apart.
inline tern::Device makeDevice(bool isApart, int32_t threads) {
  tern::Device device("cpu", threads);
  if (isApart)
    device.get()->device = std::make_shared<ApartDevice>(static_cast<unsigned>(threads));
  return device;
}

/// A test's name for it.
inline std::string nameOfDevice(const testing::TestParamInfo<bool> &info) {
  return info.param ? "apart" : "cpu";
}

} // namespace tern::test
