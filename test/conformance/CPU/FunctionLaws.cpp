// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/conformance/CPU/FunctionLaws.h"

#include <cmath>
#include <limits>
#include <ostream>

namespace tern::test {

using cpu::KernelBuilder;
using cpu::Value;
namespace functions = cpu::functions;

double ulpOf(double y) {
  int exponent = std::max(std::ilogb(y), -126);
  return std::ldexp(1.0, exponent - 23);
}

template <int count> double ulps(double, double y) { return count * ulpOf(y) + 0x1p-126; }

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double geluTanhArgument(double x) { return std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x); }

static constexpr double kMost = std::numeric_limits<float>::max();

static Value rsqrt(KernelBuilder &k, Value x) {
  return k.div(k.constant(x.getType(), 1.0), k.sqrt(x));
}

const std::vector<FunctionLaw> &functionLaws() {
  static const std::vector<FunctionLaw> laws = {
      {"exp2", functions::exp2, [](double x) { return std::exp2(x); }, -kMost, 127, ulps<2>},
      {"exp", functions::exp, [](double x) { return std::exp(x); }, -kMost, kMost, ulps<2>},
      {"log", functions::log, [](double x) { return std::log(x); }, 1e-45, kMost, ulps<2>},
      {"rsqrt", rsqrt, [](double x) { return 1 / std::sqrt(x); }, 1e-45, kMost, ulps<2>},
      {"log1p", functions::log1p, [](double x) { return std::log1p(x); }, -0.99999995, kMost,
       ulps<3>},
      {"sin", functions::sin, [](double x) { return std::sin(x); }, -1e6, 1e6, ulps<2>},
      {"cos", functions::cos, [](double x) { return std::cos(x); }, -1e6, 1e6, ulps<2>},
      {"tan", functions::tan, [](double x) { return std::tan(x); }, -1e6, 1e6, ulps<4>},
      {"cot", functions::cot, [](double x) { return 1 / std::tan(x); }, -1e6, 1e6, ulps<4>},
      {"tanh", functions::tanh, [](double x) { return std::tanh(x); }, -kMost, kMost, ulps<3>},
      {"erf", functions::erf, [](double x) { return std::erf(x); }, -kMost, kMost, ulps<3>},
      {"sigmoid", functions::sigmoid, sigmoid, -kMost, kMost, ulps<4>},
      {"softplus", functions::softplus,
       [](double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }, -kMost,
       kMost, ulps<6>},
      {"silu", functions::silu, [](double x) { return x * sigmoid(x); }, -87, kMost, ulps<5>},
      {"gelu", functions::gelu, [](double x) { return x * std::erfc(-x / std::sqrt(2.0)) / 2; },
       -kMost, kMost, [](double x, double) { return 3e-7 * std::abs(x) + 0x1p-126; }},
      {"gelu_tanh", functions::geluTanh,
       [](double x) { return x * sigmoid(2 * geluTanhArgument(x)); }, -8, kMost,
       [](double x, double y) {
         return (5 + 4 * std::abs(geluTanhArgument(x))) * ulpOf(y) + 0x1p-126;
       }},
      {"quick_gelu", functions::quickGelu, [](double x) { return x * sigmoid(1.702 * x); }, -50,
       kMost, [](double x, double y) { return (5 + 2 * std::abs(x)) * ulpOf(y) + 0x1p-126; }},
  };
  return laws;
}

void PrintTo(const FunctionLaw &law, std::ostream *os) { *os << law.name; }

void WorstError::add(const FunctionLaw &law, float x, float y) {
  double exact = law.exact(x);
  // What rounds to infinity may be it.
  if (y == static_cast<float>(exact))
    return;
  double error = std::abs(y - exact), part = error / law.bound(x, exact);
  if (std::abs(exact) >= 0x1p-126)
    ulps = std::max(ulps, error / ulpOf(exact));
  if (part <= share)
    return;
  share = std::isnan(part) ? INFINITY : part;
  at = x;
}

FunctionKernel::FunctionKernel(const cpu::Target &target, UnaryFunction function)
    : lanes(target.lanes) {
  auto fill = [&](mlir::ModuleOp module) {
    KernelBuilder::define(module, target, "k", [&](KernelBuilder &k) {
      Value from = k.buffer(0), to = k.buffer(1);
      k.forEachTile([&](Value tile) {
        Value bytes = k.mul(tile, 4 * k.lanes());
        Value values = k.load(k.vector(k.f32()), k.address(from, bytes));
        k.store(function(k, values), k.address(to, bytes));
      });
    });
  };
  if (!target.warp) {
    image = build(target, fill);
    return;
  }
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
  fill(*module);
  ptx = std::make_unique<PtxKernel>(*module, nvptx::KernelShape{.buffers = 2, .warps = 4});
}

std::vector<float> FunctionKernel::operator()(std::vector<float> x) const {
  size_t count = x.size();
  while (x.size() % static_cast<size_t>(lanes))
    x.push_back(x.back());
  std::vector<float> y(x.size());
  auto tiles = static_cast<int64_t>(x.size()) / lanes;
  if (ptx) {
    auto bytes = [](std::vector<float> &numbers) {
      return std::span(reinterpret_cast<uint8_t *>(numbers.data()), 4 * numbers.size());
    };
    std::string failure = ptx->run({bytes(x), bytes(y)}, {}, tiles);
    if (!failure.empty())
      llvm::report_fatal_error(llvm::Twine(failure));
  } else {
    void *buffers[] = {x.data(), y.data()};
    image->kernel("k")(buffers, nullptr, nullptr, 0, tiles);
  }
  y.resize(count);
  return y;
}

} // namespace tern::test
