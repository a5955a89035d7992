// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/format/Print.h"
#include "runtime/format/Encode.h"

#include "TestModel.h"

#include <gtest/gtest.h>

using namespace tern::format;
using namespace tern::test;

TEST(Print, ProgramsReadAsListsOfCommands) {
  Index index = makeModel().index;
  EXPECT_EQ(
      printProgram(index, *index.findProgram("step")),
      "program step\n"
      "  input tokens i32 [T]\n"
      "  input positions i32 [T]\n"
      "  input lengths i32 [T]\n"
      "  input rowEntry i32 [T]\n"
      "  input rowStart i32 [B + 1]\n"
      "  input slot i32 [B]\n"
      "  input logitRows i32 [R]\n"
      "  output logits f32 [R, 16]\n"
      "  arena 2 * 4 * T\n"
      "  launches 4 copies 1 arena bytes of one token 20\n"
      "  launch append(cache0.pool, cache0.table, cache0.lengths, tokens[0, +4 * T], "
      "positions[0, +4 * T], rowStart[0, +4 * (B + 1)], slot[0, +4 * B]; 4, 1344) tiles B * 4\n"
      "  launch attend(arena[0, +4 * T], cache0.pool, cache0.table, cache0.lengths, "
      "rowEntry[0, +4 * T], rowStart[0, +4 * (B + 1)], slot[0, +4 * B]; 4, 1344) tiles T\n"
      "  launch recur(arena[0, +4 * T], state0.pool, state0.table, tokens[0, +4 * T], "
      "rowStart[0, +4 * (B + 1)], slot[0, +4 * B]; 16) tiles B\n"
      "  copy arena[4 * T, +4 * T] <- arena[0, +4 * T] bytes 4 * T\n"
      "  launch project(logits[0, +4 * R * 16], arena[4 * T, +4 * T], "
      "logitRows[0, +4 * R], packed w.packed[0, +64]) tiles R\n");
  EXPECT_EQ(printProgram(index, *index.findProgram("load")),
            "program load\n"
            "  arena 0\n"
            "  launches 1 copies 0 arena bytes of one token 0\n"
            "  launch pack(packed w.packed[0, +64], source w[0, +64]; 16) tiles 4\n");
}

TEST(Print, IndexStartsWithWhatTheArtefactNeeds) {
  Index index = makeModel().index;
  index.target = {"x86_64-linux", "znver4", {"avx2", "avx512f"}};
  std::string text = printIndex(index);
  for (const char *line : {
           "producer test\n",
           "target x86_64-linux cpu znver4 features [avx2, avx512f]\n",
           "model toy context 200 rows 8 vocabulary 16 eos [15] bos 1 added numerics exact "
           "cache-type f32\n",
           "dim T 1..8\n",
           "file model.weights bytes 64 hash ",
           "source w f32 [16] in model.weights at 0\n",
           "packed w.packed bytes 64\n",
           "state layers 1 rows 1 width 1 block-bytes 64\n",
           "cache layers 2 heads 2 key 4 value 16 f32 block-bytes 5376 blocks 4\n",
       })
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
}

TEST(Print, IndexSaysWhatRoundingItsWeightsCost) {
  Index index = makeModel().index;
  index.model.quantize = "*down*=q8_0,q4_0";
  index.model.weightBits = 5.25;
  index.model.weightError = 0.0875;
  index.model.remarks = {"weight 'w': is held in f32", "maps of layers: are slow"};
  Index read;
  Error error = decodeIndex(encodeIndex(index), read);
  ASSERT_FALSE(error) << error.message();
  std::string text = printIndex(read);
  EXPECT_NE(text.find("cache-type f32 quantize *down*=q8_0,q4_0 bits 5.25 error 0.0875\n"
                      "remark weight 'w': is held in f32\nremark maps of layers: are slow\n"),
            std::string::npos)
      << text;
}
