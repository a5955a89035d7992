// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What passes/CPU/Functions.h says of each function's error, and kernels of them.
#ifndef TERN_TEST_CONFORMANCE_CPU_FUNCTIONLAWS_H
#define TERN_TEST_CONFORMANCE_CPU_FUNCTIONLAWS_H

#include "passes/CPU/Functions.h"
#include "test/conformance/CPU/MappedImage.h"
#include "test/conformance/NVPTX/PtxKernel.h"

namespace tern::test {

using UnaryFunction = cpu::Value (*)(cpu::KernelBuilder &, cpu::Value);

struct FunctionLaw {
  const char *name;
  UnaryFunction function;
  double (*exact)(double);
  double from, to;
  /// The error that is allowed at x, whose exact result is y.
  double (*bound)(double x, double y);
};

const std::vector<FunctionLaw> &functionLaws();

void PrintTo(const FunctionLaw &law, std::ostream *os);

/// Of a result, in units of the last place.
double ulpOf(double y);

/// The largest error over some numbers.
struct WorstError {
  double share = 0, at = 0; ///< of the bound, and where
  double ulps = 0;          ///< of normal results

  /// Counts y for x.
  void add(const FunctionLaw &law, float x, float y);
};

/// A function as a kernel of the target.
class FunctionKernel {
public:
  FunctionKernel(const cpu::Target &target, UnaryFunction function);

  /// Of each number.
  std::vector<float> operator()(std::vector<float> x) const;

private:
  int64_t lanes;
  std::unique_ptr<MappedImage> image; // or
  std::unique_ptr<PtxKernel> ptx;
};

} // namespace tern::test

#endif
