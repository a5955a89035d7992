// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Kernels of a model that is small enough to predict by hand. Its cache has
// 2 layers of 2 heads; key and value of a token are the token itself in every
// place, so the hidden value of a row is the sum of the tokens that it sees. A
// recurrence keeps the sum of a sequence's tokens and adds it to that.
#include <stdint.h>

enum { layers = 2, heads = 2, keyWidth = 4, valueWidth = 16, blockSlots = 64, vocabulary = 16 };

// Floats before V and before the positions of a block.
enum { valueStart = keyWidth * blockSlots, positionStart = valueStart + valueWidth * blockSlots };

// packed, source; n: packed[i] = 2 * source[i].
void pack(void *const *buffers, const int64_t *sizes, void *scratch, int64_t begin, int64_t end) {
  (void)scratch;
  float *packed = buffers[0];
  const float *source = buffers[1];
  int64_t n = sizes[0];
  for (int64_t i = begin * 4; i < end * 4 && i < n; ++i)
    packed[i] = 2 * source[i];
}

// y, x: y[i] = x[i] + table[i % 4].
void add_table(void *const *buffers, const int64_t *sizes, void *scratch, int64_t begin,
               int64_t end) {
  static const float table[4] = {1, 10, 100, 1000};
  (void)sizes, (void)scratch;
  float *y = buffers[0];
  const float *x = buffers[1];
  for (int64_t i = begin; i < end; ++i)
    y[i] = x[i] + table[i & 3];
}

// y: each tile uses its scratch for 1024 numbers, and fails if another thread
// has the same scratch.
void use_scratch(void *const *buffers, const int64_t *sizes, void *scratch, int64_t begin,
                 int64_t end) {
  (void)sizes;
  float *y = buffers[0];
  volatile int64_t *mine = scratch;
  for (int64_t tile = begin; tile < end; ++tile) {
    for (int64_t i = 0; i < 1024; ++i)
      mine[i] = tile + i;
    int64_t sum = 0;
    for (int64_t i = 0; i < 1024; ++i)
      sum += mine[i] - i;
    y[tile] = (float)(sum / 1024);
  }
}

// Block of the slot-th row of a sequence, layer and head.
static float *block(void *const *cache, int64_t maxBlocks, int64_t blockFloats, int64_t unit,
                    int64_t row) {
  const int32_t *table = cache[1];
  return (float *)cache[0] + table[unit * maxBlocks + row / blockSlots] * blockFloats;
}

// pool, table, lengths, tokens, positions, rowStart, slot; maxBlocks,
// blockFloats. A tile is an entry and a head of a layer.
void append(void *const *buffers, const int64_t *sizes, void *scratch, int64_t begin, int64_t end) {
  (void)scratch;
  int32_t *lengths = buffers[2];
  const int32_t *tokens = buffers[3], *positions = buffers[4], *rowStart = buffers[5],
                *slot = buffers[6];
  for (int64_t tile = begin; tile < end; ++tile) {
    int64_t entry = tile / (layers * heads);
    int64_t unit = slot[entry] * layers * heads + tile % (layers * heads);
    for (int64_t row = rowStart[entry]; row < rowStart[entry + 1]; ++row) {
      int64_t at = lengths[unit]++;
      float *to = block(buffers, sizes[0], sizes[1], unit, at);
      at %= blockSlots;
      for (int64_t d = 0; d < keyWidth; ++d)
        to[d * blockSlots + at] = (float)tokens[row];
      for (int64_t d = 0; d < valueWidth; ++d)
        to[valueStart + at * valueWidth + d] = (float)tokens[row];
      ((int32_t *)to)[positionStart + at] = positions[row];
    }
  }
}

// hidden, pool, table, lengths, rowEntry, rowStart, slot; maxBlocks,
// blockFloats. A tile is a row: the sum of K and V of every layer and head,
// weighed by position + 1, over the slots that the row sees.
void attend(void *const *buffers, const int64_t *sizes, void *scratch, int64_t begin, int64_t end) {
  (void)scratch;
  float *hidden = buffers[0];
  const int32_t *lengths = buffers[3], *rowEntry = buffers[4], *rowStart = buffers[5],
                *slot = buffers[6];
  for (int64_t row = begin; row < end; ++row) {
    int64_t entry = rowEntry[row];
    float sum = 0;
    for (int64_t part = 0; part < layers * heads; ++part) {
      int64_t unit = slot[entry] * layers * heads + part;
      int64_t seen = lengths[unit] - (rowStart[entry + 1] - 1 - row);
      for (int64_t i = 0; i < seen; ++i) {
        const float *from = block(buffers + 1, sizes[0], sizes[1], unit, i);
        int64_t at = i % blockSlots;
        float key = from[(keyWidth - 1) * blockSlots + at];
        float value = from[valueStart + at * valueWidth + valueWidth - 1];
        float position = (float)((const int32_t *)from)[positionStart + at];
        sum += (key + value) * (position + 1);
      }
    }
    hidden[row] = sum;
  }
}

// hidden, pool, table, tokens, rowStart, slot; blockFloats. A tile is an entry.
void recur(void *const *buffers, const int64_t *sizes, void *scratch, int64_t begin, int64_t end) {
  (void)scratch;
  float *hidden = buffers[0], *pool = buffers[1];
  const int32_t *table = buffers[2], *tokens = buffers[3], *rowStart = buffers[4],
                *slot = buffers[5];
  for (int64_t entry = begin; entry < end; ++entry) {
    const int32_t *blocks = table + 2 * slot[entry];
    float sum = pool[blocks[0] * sizes[0]];
    for (int64_t row = rowStart[entry]; row < rowStart[entry + 1]; ++row)
      hidden[row] += sum += (float)tokens[row];
    pool[blocks[1] * sizes[0]] = sum;
  }
}

// logits, hidden, logitRows, weights. A tile is a wanted row.
void project(void *const *buffers, const int64_t *sizes, void *scratch, int64_t begin,
             int64_t end) {
  (void)sizes, (void)scratch;
  float *logits = buffers[0];
  const float *hidden = buffers[1], *weights = buffers[3];
  const int32_t *logitRows = buffers[2];
  for (int64_t row = begin; row < end; ++row)
    for (int64_t v = 0; v < vocabulary; ++v)
      logits[row * vocabulary + v] = hidden[logitRows[row]] + weights[v];
}

// token, probabilities, logits, history, historyStart, parameters. Takes
// the largest logit at temperature 0, else the uniform number's share of the
// vocabulary. Probabilities echo parameters, length and last of the history.
void sample(void *const *buffers, const int64_t *sizes, void *scratch, int64_t begin, int64_t end) {
  (void)sizes, (void)scratch;
  int32_t *token = buffers[0];
  float *probabilities = buffers[1];
  const float *logits = buffers[2], *parameters = buffers[5];
  const int32_t *history = buffers[3], *historyStart = buffers[4];
  for (int64_t row = begin; row < end; ++row) {
    int32_t best = 0;
    for (int32_t v = 1; v < vocabulary; ++v)
      if (logits[row * vocabulary + v] > logits[row * vocabulary + best])
        best = v;
    const float *given = parameters + row * 8;
    token[row] = given[0] == 0 ? best : (int32_t)(given[6] * vocabulary);
    float *echo = probabilities + row * vocabulary;
    for (int64_t i = 0; i < 8; ++i)
      echo[i] = given[i];
    int32_t end = historyStart[row + 1], length = end - historyStart[row];
    echo[8] = (float)length;
    echo[9] = length ? (float)history[end - 1] : -1;
  }
}
