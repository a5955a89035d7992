// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Append and attend in plain loops: right, not fast.
#include "dialects/KV/IR/KV.h"
#include "passes/CPU/DispatchBuffers.h"
#include "passes/CPU/Functions.h"
#include "passes/CPU/KernelBuilder.h"
#include "passes/CPU/Schema.h"
using namespace mlir;
namespace tern::cpu {
static int64_t maxBlocks(DispatchOp d) {
  auto m = d->getParentOfType<ModuleOp>();
  auto f = m->getAttrOfType<DictionaryAttr>("tern.model");
  return (f.getAs<IntegerAttr>("context").getInt() + 63) / 64;
}
static int64_t eb(Type t) { return t.getIntOrFloatBitWidth() / 8; }
static int64_t blockBytes(kv::CacheType c) {
  int64_t e = eb(c.getElementType());
  int64_t b = c.getKeyWidth() * 64 * e + 64 * llvm::alignTo(c.getValueWidth(), 16) * e + 256;
  return llvm::alignTo(b, 64);
}
struct Ctx {
  Value pool, table, len, rs, slot, layer, posn;
};
FailureOr<KernelInfo> emitAppend(DispatchOp d, llvm::ArrayRef<Layout> lay, StringRef n, ModuleOp m,
                                 const Target &t) {
  auto op = *d.getBody().getOps<kv::AppendOp>().begin();
  DispatchBuffers bf(d);
  auto c = op.getCache().getType();
  Type el = c.getElementType();
  int64_t e = eb(el), L = c.getLayers(), G = c.getHeads(), D = c.getKeyWidth(),
          DV = c.getValueWidth(), DVP = llvm::alignTo(DV, 16), MB = maxBlocks(d),
          BB = blockBytes(c);
  auto arg = [&](Value v) { return cast<BlockArgument>(v).getArgNumber(); };
  int64_t ks = lay[arg(op.getKey())].rowStride, vs = lay[arg(op.getValue())].rowStride;
  KernelBuilder::define(m, t, n, [&](KernelBuilder &k) {
    unsigned cb = bf.ofInput(op.getCache()), bb = bf.ofInput(op.getBatch());
    Value pool = k.buffer(cb), table = k.buffer(cb + 1), len = k.buffer(cb + 2),
          rs = k.buffer(bb + 1), slot = k.buffer(bb + 2), kb = k.buffer(bf.ofInput(op.getKey())),
          vb = k.buffer(bf.ofInput(op.getValue())), pb = k.buffer(bf.ofInput(op.getPositions()));
    Value layer = k.size(bf.indexNumber(op.getLayer()));
    auto i32at = [&](Value p, Value i) {
      return k.extendSigned(k.load(k.i32(), k.address(p, k.mul(i, 4))), k.i64());
    };
    k.forEachTile([&](Value tile) {
      Value b = k.div(tile, G), g = k.rem(tile, G);
      Value s = i32at(slot, b);
      Value id = k.add(k.mul(k.add(k.mul(s, L), layer), G), g);
      Value la = k.address(len, k.mul(id, 4));
      Value l0 = k.extendSigned(k.load(k.i32(), la), k.i64());
      Value r0 = i32at(rs, b), r1 = i32at(rs, k.add(b, 1));
      k.loop(r0, r1, 1, [&](Value r) {
        Value pos = k.add(l0, k.sub(r, r0));
        Value blk = i32at(table, k.add(k.mul(id, MB), k.div(pos, 64)));
        Value base = k.address(pool, k.mul(blk, BB));
        Value lane = k.rem(pos, 64);
        k.loop(k.index(0), k.index(D), 1, [&](Value dd) {
          Value x =
              k.load(k.f32(), k.address(kb, k.mul(k.add(k.add(k.mul(r, ks), k.mul(g, D)), dd), 4)));
          Value y = el.isF32() ? x : k.extract(k.convertFloat(k.broadcast(x, 8), el), 0);
          k.store(y, k.address(base, k.mul(k.add(k.mul(dd, 64), lane), e)), 0, e);
        });
        k.loop(k.index(0), k.index(DV), 1, [&](Value dd) {
          Value x = k.load(k.f32(),
                           k.address(vb, k.mul(k.add(k.add(k.mul(r, vs), k.mul(g, DV)), dd), 4)));
          Value y = el.isF32() ? x : k.extract(k.convertFloat(k.broadcast(x, 8), el), 0);
          k.store(y, k.address(base, k.mul(k.add(k.mul(lane, DVP), dd), e)), D * 64 * e, e);
        });
        k.store(k.load(k.i32(), k.address(pb, k.mul(r, 4))), k.address(base, k.mul(lane, 4)),
                D * 64 * e + 64 * DVP * e, 4);
      });
      k.store(k.truncate(k.add(l0, k.sub(r1, r0)), k.i32()), la);
    });
  });
  auto bt = op.getBatch().getType();
  return KernelInfo{
      {}, bf.indexInputs(), ExtentAttr::getName(d.getContext(), bt.getEntries()).times(G), 0};
}
FailureOr<KernelInfo> emitAttention(DispatchOp d, llvm::ArrayRef<Layout> lay, StringRef n,
                                    ModuleOp m, const Target &t) {
  auto op = *d.getBody().getOps<kv::AttendOp>().begin();
  DispatchBuffers bf(d);
  auto c = op.getCache().getType();
  Type el = c.getElementType();
  int64_t e = eb(el), L = c.getLayers(), G = c.getHeads(), D = c.getKeyWidth(),
          DV = c.getValueWidth(), DVP = llvm::alignTo(DV, 16), MB = maxBlocks(d),
          BB = blockBytes(c);
  auto qt = cast<RankedTensorType>(op.getQuery().getType());
  int64_t H = qt.getDimSize(1), gr = H / G;
  auto arg = [&](Value v) { return cast<BlockArgument>(v).getArgNumber(); };
  int64_t qs = lay[arg(op.getQuery())].rowStride, os = lay[d.getInputs().size()].rowStride;
  double scale = op.getScale().convertToDouble() * 1.4426950408889634;
  KernelBuilder::define(m, t, n, [&](KernelBuilder &k) {
    unsigned cb = bf.ofInput(op.getCache()), bb = bf.ofInput(op.getBatch());
    Value pool = k.buffer(cb), table = k.buffer(cb + 1), len = k.buffer(cb + 2),
          rs = k.buffer(bb + 1), slot = k.buffer(bb + 2), qb = k.buffer(bf.ofInput(op.getQuery())),
          ob = k.buffer(bf.ofResult(0));
    Value layer = k.size(bf.indexNumber(op.getLayer()));
    auto i32at = [&](Value p, Value i) {
      return k.extendSigned(k.load(k.i32(), k.address(p, k.mul(i, 4))), k.i64());
    };
    int64_t W = k.lanes();
    auto ld = [&](Value p) {
      Value v = k.load(k.vector(el), p, 0, 2);
      return el.isF32() ? v : k.convertFloat(v, k.f32());
    };
    k.forEachTile([&](Value tile) {
      Value b = k.div(tile, G), g = k.rem(tile, G);
      Value s = i32at(slot, b);
      Value id = k.add(k.mul(k.add(k.mul(s, L), layer), G), g);
      Value ln = i32at(len, id);
      Value r0 = i32at(rs, b), r1 = i32at(rs, k.add(b, 1));
      Value acc = k.scratch(), P = k.address(k.scratch(), DVP * 4);
      k.loop(r0, r1, 1, [&](Value r) {
        Value lim = k.sub(ln, k.sub(k.sub(r1, 1), r));
        k.loop(k.index(0), k.index(gr), 1, [&](Value hh) {
          Value h = k.add(k.mul(g, gr), hh);
          Value q = k.address(qb, k.mul(k.add(k.mul(r, qs), k.mul(h, D)), 4));
          for (int64_t v = 0; v < DVP; v += W)
            k.store(k.zero(k.vector(k.f32())), acc, v * 4);
          Value nseg = k.div(k.add(lim, 63), 64);
          Values ml = k.loop(
              k.index(0), nseg, 1, ValueRange{k.constant(k.f32(), -1e30), k.zero(k.f32())},
              [&](Value j, ValueRange in) -> Values {
                Value base = k.address(pool, k.mul(i32at(table, k.add(k.mul(id, MB), j)), BB));
                int64_t NV = 64 / W;
                Values z(NV, k.zero(k.vector(k.f32())));
                Values sc =
                    k.loop(k.index(0), k.index(D), 1, z, [&](Value dd, ValueRange a) -> Values {
                      Value x = k.broadcast(k.load(k.f32(), k.address(q, k.mul(dd, 4))));
                      Values o;
                      Value row = k.address(base, k.mul(dd, 64 * e));
                      for (int64_t v = 0; v < NV; v++)
                        o.push_back(k.fma(x, ld(k.address(row, v * W * e)), a[v]));
                      return o;
                    });
                Value left = k.truncate(k.sub(lim, k.mul(j, 64)), k.i32());
                Value mx;
                Values ms;
                for (int64_t v = 0; v < NV; v++) {
                  Value idx = k.add(k.iota(W), k.integer(k.vector(k.i32()), v * W));
                  Value live = k.compare(arith::CmpIPredicate::slt, idx, k.broadcast(left));
                  ms.push_back(k.select(live, k.mul(sc[v], k.constant(k.vector(k.f32()), scale)),
                                        k.constant(k.vector(k.f32()), -1e30)));
                  mx = mx ? k.max(mx, ms.back()) : ms.back();
                }
                Value m1 = k.reduceMax(mx);
                Value sum;
                for (int64_t v = 0; v < NV; v++) {
                  Value p = functions::exp2(k, k.sub(ms[v], k.broadcast(m1)));
                  k.store(p, P, v * W * 4);
                  sum = sum ? k.add(sum, p) : p;
                }
                Value l1 = k.reduceAdd(sum);
                Value mn = k.max(in[0], m1);
                Value c0 = functions::exp2(k, k.sub(k.broadcast(in[0]), k.broadcast(mn))),
                      c1 = functions::exp2(k, k.sub(k.broadcast(m1), k.broadcast(mn)));
                for (int64_t v = 0; v < DVP; v += W) {
                  Values a =
                      k.loop(k.index(0), k.index(64), 1, ValueRange{k.zero(k.vector(k.f32()))},
                             [&](Value sl, ValueRange a) -> Values {
                               Value p = k.broadcast(k.load(k.f32(), k.address(P, k.mul(sl, 4))));
                               return {k.fma(p,
                                             ld(k.address(k.address(base, D * 64 * e + v * e),
                                                          k.mul(sl, DVP * e))),
                                             a[0])};
                             });
                  k.store(k.add(k.mul(k.load(k.vector(k.f32()), acc, v * 4), c0), k.mul(a[0], c1)),
                          acc, v * 4);
                }
                Value l = k.add(k.mul(in[1], k.extract(c0, 0)), k.mul(l1, k.extract(c1, 0)));
                return {mn, l};
              });
          Value inv = k.broadcast(k.div(k.constant(k.f32(), 1.0), ml[1]));
          Value o = k.address(ob, k.mul(k.add(k.mul(r, os), k.mul(h, DV)), 4));
          for (int64_t v = 0; v < DV; v += W)
            k.storeFirst(k.mul(k.load(k.vector(k.f32()), acc, v * 4), inv), std::min(W, DV - v), o,
                         v * 4);
        });
      });
    });
  });
  auto bt = op.getBatch().getType();
  return KernelInfo{{},
                    bf.indexInputs(),
                    ExtentAttr::getName(d.getContext(), bt.getEntries()).times(G),
                    DVP * 4 + 256};
}
FailureOr<KernelInfo> emitSampling(DispatchOp d, llvm::ArrayRef<Layout>, StringRef, ModuleOp,
                                   const Target &) {
  return d.emitOpError("no");
}
} // namespace tern::cpu
