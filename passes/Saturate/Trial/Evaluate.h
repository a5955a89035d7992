// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_TRIAL_EVALUATE_H
#define TERN_PASSES_SATURATE_TRIAL_EVALUATE_H

#include "passes/Saturate/Law/Law.h"
#include "passes/Saturate/Trial/Number.h"

#include <cstdint>
#include <functional>

/// Laws on instances: sizes, tensors and functions in place of their variables.
namespace tern::trial {

/// Row-major.
template <class T> struct Tensor {
  std::vector<int64_t> shape;
  std::vector<T> values;
};

/// What stands for a variable that is a function: of one element x, and of two, x and y.
struct Function {
  std::string textOfOne, textOfTwo;
  std::function<double(double)> one;
  std::function<double(double, double)> two;
};

struct Instance {
  std::vector<int64_t> sizes;              ///< by size
  std::vector<Tensor<double>> tensors;     ///< by variable
  std::vector<const Function *> functions; ///< by variable; none for tensors
};

int64_t valueOf(const law::Size &size, const std::vector<int64_t> &sizes);

/// Evaluates terms over T: double, float or Bfloat. Sums are taken in order from +0. For double,
/// which stands for the reals, 1/0, log 0 and the like are no numbers.
template <class T> class Evaluator {
public:
  Evaluator(const law::Law &law, const Instance &instance) : law(law), instance(instance) {}

  Tensor<T> evaluate(const law::Term &term);
  std::string error; ///< what does not fit, such as an index that is out of range
  /// The instance takes more than a million steps: the result means nothing.
  bool isTooLarge() const { return steps > kMostSteps; }

private:
  using Places = std::vector<int64_t>; ///< by size, where that is a letter
  using Element = std::function<T(const Places &)>;

  void fail(const char *what) {
    if (error.empty())
      error = what;
  }
  int64_t extent(law::Dim d) const { return instance.sizes[d]; }
  void forEach(const law::Letters &letters, Places &at, const std::function<void()> &body);
  Tensor<T> build(const law::Letters &letters, const Element &element);
  T read(const Tensor<T> &x, const law::Letters &letters, const Places &at);
  int64_t readIndex(const Tensor<T> &x, const law::Letters &letters, const Places &at,
                    law::Dim within);

  Tensor<T> operation(const law::Term &t);
  Tensor<T> elements(const law::Term &t, const std::vector<Tensor<T>> &x);
  T element(const law::Term &t, const std::vector<T> &x);
  T one(law::Op op, T x);
  T two(law::Op op, T x, T y);
  T undefined(T x) const;
  Tensor<T> contract(const law::Letters &a, const law::Letters &b, const law::Letters &out,
                     const Tensor<T> &x, const Tensor<T> &y);
  Tensor<T> reduce(const law::Term &t, const Tensor<T> &x);
  Tensor<T> cut(const law::Term &t, const Tensor<T> &x);
  Tensor<T> concat(const law::Term &t, const std::vector<Tensor<T>> &x);
  Tensor<T> indexed(const law::Term &t, const std::vector<Tensor<T>> &x);
  Tensor<T> row(const law::Term &t, const std::vector<Tensor<T>> &x);
  Tensor<T> softmax(const law::Letters &axes, const law::Letters &row, const Tensor<T> &x,
                    const Tensor<T> *mask);
  Tensor<T> norm(const law::Term &t, const Tensor<T> &x, T epsilon);
  Tensor<T> rotate(const law::Term &t, const std::vector<Tensor<T>> &x);
  Tensor<T> attention(const law::Term &t, const std::vector<Tensor<T>> &x);
  Tensor<T> held(law::Op word, const std::vector<unsigned> &sources) const;
  Tensor<T> grouped(const law::Term &t, const std::vector<Tensor<T>> &x);
  Tensor<T> lowRank(const law::Term &t, const std::vector<Tensor<T>> &x);
  Tensor<T> gatedFfn(const law::Term &t, const std::vector<Tensor<T>> &x);

  static constexpr uint64_t kMostSteps = 1000000;

  const law::Law &law;
  const Instance &instance;
  uint64_t steps = 0;
};

} // namespace tern::trial

#endif
