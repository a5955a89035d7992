// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Bits, bytes, packed products; votes, matches and reductions of warps.
#include <cstdint>

extern "C" __global__ void bits(const uint32_t *in, uint32_t *out) {
  int i = threadIdx.x;
  uint32_t a = in[i], b = in[i + 1], c = in[i + 2];
  uint32_t *to = out + 16 * i;
  to[0] = __byte_perm(a, b, c);
  to[1] = __funnelshift_l(a, b, c);
  to[2] = __funnelshift_rc(a, b, c & 63);
  to[3] = __brev(a);
  to[4] = __clz(b);
  to[5] = __popc(c);
  to[6] = __ffs(a);
  to[7] = __dp4a(a, b, c);
  to[8] = __dp4a(static_cast<int>(a), static_cast<int>(b), static_cast<int>(c));
  to[9] = __umulhi(a, b);
  to[10] = __mulhi(static_cast<int>(a), static_cast<int>(b));
  to[11] = (a & b) | (~a & c);
  to[12] = __sad(static_cast<int>(a), static_cast<int>(b), c);
  to[13] = static_cast<uint32_t>((static_cast<uint64_t>(a) * b + c) >> 13);
  to[14] = a / (b | 1) + a % (c | 1);
  to[15] = static_cast<uint32_t>((static_cast<uint64_t>(a) << 32 | b) / (c | 1));
}

extern "C" __global__ void votes(const uint32_t *in, uint32_t *out) {
  int i = threadIdx.x;
  uint32_t value = in[i], *to = out + 8 * i;
  to[0] = __ballot_sync(~0u, value > 3);
  to[1] = __any_sync(~0u, value == 5) * 2 + __all_sync(~0u, value < 100);
  to[2] = __match_any_sync(~0u, value);
  to[3] = __reduce_add_sync(~0u, value);
  to[4] = __reduce_max_sync(~0u, value);
  to[5] = __reduce_xor_sync(~0u, value);
  uint32_t active = 0;
  if (value & 1)
    active = __activemask();
  to[6] = active;
  int same;
  to[7] = __match_all_sync(~0u, value / 1000, &same) + same;
}
