// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_FRONTEND_ARCHITECTURE_ENCODERDECODER_H
#define TERN_FRONTEND_ARCHITECTURE_ENCODERDECODER_H

#include "frontend/architecture/ModelBuilder.h"

namespace tern::architecture {

/// The bucket of each distance from -maxDistance to maxDistance, of a key's position less a
/// query's. Half of the buckets of one direction are a distance each, the others grow with its
/// logarithm up to `maxDistance`. `isTwoWay`: each direction has half of all buckets; else keys
/// that come later are in bucket 0.
std::vector<int32_t> relativeBuckets(int64_t buckets, int64_t maxDistance, bool isTwoWay);

/// Writes the functions `encode`, `decode` and `layer.N`, and the dimensions that they use, by
/// ModelConfig alone.
void buildEncoderDecoder(ModelBuilder &model);

} // namespace tern::architecture

#endif
