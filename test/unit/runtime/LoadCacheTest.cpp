// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/LoadCache.h"

#include "TestModel.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <thread>

using tern::format::Hash;
using tern::runtime::LoadCache;
using tern::runtime::MappedFile;
using tern::test::readFile;
using tern::test::TemporaryFolder;
using tern::test::writeFile;

static Hash key(uint8_t number) {
  Hash hash{};
  hash[0] = number;
  return hash;
}

static std::vector<std::byte> body(uint8_t fill, size_t bytes = 100) {
  return std::vector<std::byte>(bytes, std::byte(fill));
}

static bool holds(const LoadCache &cache, uint8_t number, std::span<const std::byte> bytes) {
  auto entry = cache.find(key(number), bytes.size());
  return entry && std::ranges::equal(entry->bytes, bytes);
}

static std::vector<std::string> files(const TemporaryFolder &folder) {
  std::vector<std::string> names;
  for (const auto &item : std::filesystem::directory_iterator(folder.path()))
    names.push_back(item.path().string());
  return names;
}

static void setSeconds(const std::string &path, time_t seconds) {
  timespec times[2] = {{seconds, 0}, {seconds, 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
}

TEST(LoadCache, GivesBackWhatWasStored) {
  TemporaryFolder folder;
  LoadCache cache(folder.path(), 1 << 20);
  EXPECT_FALSE(cache.find(key(1), 100));
  ASSERT_TRUE(cache.store(key(1), body(7)));
  EXPECT_TRUE(holds(cache, 1, body(7)));
  EXPECT_FALSE(cache.find(key(2), 100));
  EXPECT_EQ(files(folder).size(), 1u);
}

TEST(LoadCache, DamagedEntriesAreRemoved) {
  TemporaryFolder folder;
  LoadCache cache(folder.path(), 1 << 20);
  auto damage = [&](auto change) {
    ASSERT_TRUE(cache.store(key(1), body(7)));
    std::string path = files(folder).at(0);
    std::vector<std::byte> bytes = readFile(path);
    change(bytes);
    writeFile(path, bytes);
    EXPECT_FALSE(cache.find(key(1), 100));
    EXPECT_TRUE(files(folder).empty());
  };
  damage([](auto &bytes) { bytes.pop_back(); });
  damage([](auto &bytes) { bytes.push_back(std::byte(0)); });
  damage([](auto &bytes) { bytes.clear(); });
  for (size_t at : {0, 8, 16, 32, 4095})
    damage([&](auto &bytes) { bytes[at] ^= std::byte(1); });
}

TEST(LoadCache, AnEntryOfAnotherLengthIsNotTheOne) {
  TemporaryFolder folder;
  LoadCache cache(folder.path(), 1 << 20);
  ASSERT_TRUE(cache.store(key(1), body(7)));
  EXPECT_FALSE(cache.find(key(1), 99));
}

TEST(LoadCache, TheEntryUsedLongestAgoGoesFirst) {
  TemporaryFolder folder;
  LoadCache cache(folder.path(), 3 * 5000);
  for (uint8_t number : {1, 2, 3}) {
    ASSERT_TRUE(cache.store(key(number), body(number)));
    setSeconds(folder.path(tern::format::toHex(key(number)) + ".packed"), 1000 + number);
  }
  EXPECT_TRUE(holds(cache, 1, body(1))); // used now
  ASSERT_TRUE(cache.store(key(4), body(4)));
  EXPECT_TRUE(holds(cache, 1, body(1)));
  EXPECT_FALSE(cache.find(key(2), 100));
  EXPECT_TRUE(holds(cache, 3, body(3)));
  EXPECT_TRUE(holds(cache, 4, body(4)));
}

TEST(LoadCache, AnEntryAboveTheLimitIsNotStored) {
  TemporaryFolder folder;
  LoadCache cache(folder.path(), 5000);
  EXPECT_TRUE(cache.store(key(1), body(1)));
  EXPECT_FALSE(cache.store(key(2), body(2, 5000)));
  EXPECT_TRUE(holds(cache, 1, body(1)));
}

TEST(LoadCache, FilesThatNobodyFinishedAreRemovedAfterADay) {
  TemporaryFolder folder;
  LoadCache cache(folder.path(), 1 << 20);
  writeFile(folder.path("old.packed.part-1-0"), body(1));
  writeFile(folder.path("new.packed.part-2-0"), body(1));
  setSeconds(folder.path("old.packed.part-1-0"), 1000);
  ASSERT_TRUE(cache.store(key(1), body(7)));
  EXPECT_FALSE(std::filesystem::exists(folder.path("old.packed.part-1-0")));
  EXPECT_TRUE(std::filesystem::exists(folder.path("new.packed.part-2-0")));
}

TEST(LoadCache, WritersOfOneKeyDoNotDisturbEachOther) {
  TemporaryFolder folder;
  LoadCache cache(folder.path(), 100 << 20);
  std::vector<std::byte> bytes = body(9, 1 << 20);
  std::vector<std::thread> writers;
  std::atomic<int> damaged{0};
  for (int i = 0; i < 4; ++i)
    writers.emplace_back([&] {
      for (int round = 0; round < 10; ++round) {
        cache.store(key(1), bytes);
        if (auto entry = cache.find(key(1), bytes.size()))
          damaged += !std::ranges::equal(entry->bytes, bytes);
        else
          ++damaged;
      }
    });
  for (std::thread &writer : writers)
    writer.join();
  EXPECT_EQ(damaged, 0);
  EXPECT_EQ(files(folder).size(), 1u);
}

TEST(LoadCache, RemembersContentUntilTheFileChanges) {
  TemporaryFolder folder, cacheFolder;
  LoadCache cache(cacheFolder.path(), 1 << 20);
  std::string path = folder.path("weights");
  writeFile(path, body(1));
  MappedFile file;
  ASSERT_FALSE(MappedFile::open(path, file));
  EXPECT_EQ(cache.contentHash(file), tern::format::hashBytes(body(1)));
  // The answer comes from memory: what lies there is believed.
  ASSERT_EQ(files(cacheFolder).size(), 1u);
  writeFile(files(cacheFolder)[0], body(5, 16));
  EXPECT_EQ(cache.contentHash(file)[0], 5);
  writeFile(path, body(2, 101));
  ASSERT_FALSE(MappedFile::open(path, file));
  EXPECT_EQ(cache.contentHash(file), tern::format::hashBytes(body(2, 101)));
}
