// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// StiffBench FUNCTION ARRAY.tern SCALAR.tern END: solves u' = FUNCTION(u), u(0) = 0, up to END
// twice on one thread: by ARRAY.tern with a dense Jacobian of differences, and by SCALAR.tern with
// the sparse one of its function FUNCTION.jacobian (pass tern-differentiate). Prints seconds,
// steps, and how far the two solutions lie apart.
//
// TR-BDF2 with adaptive steps (Hosea and Shampine 1996, section 3), relative tolerance 1e-3 and
// absolute 1e-6, as solvers of the field have by default; simplified Newton iterations.
#include "tern/tern.hpp"

#include <Eigen/Dense>
#include <Eigen/SparseLU>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>

using namespace tern;
using Eigen::VectorXd;

namespace {

/// A function of f64 arguments and the sizes of its only input.
class Function {
public:
  Function(const Model &model, const std::string &name, std::vector<int64_t> shape)
      : call(model, name), shape(std::move(shape)) {
    for (const tern_argument_t &argument : call.arguments())
      argument.output ? outputs.push_back(argument) : void(input = argument);
  }

  void run(const VectorXd &x) {
    call.setInput(input.name, TERN_F64, shape, x.data());
    call.run();
  }
  Call::Output output(size_t number) const { return call.output(outputs[number]); }

private:
  Call call;
  std::vector<int64_t> shape;
  tern_argument_t input{};
  std::vector<tern_argument_t> outputs;
};

/// The right-hand side, and how to solve (I - s J) x = b for the Jacobian J at a point.
struct Problem {
  std::function<void(const VectorXd &, VectorXd &)> rhs;
  std::function<void(const VectorXd &, double)> factor;
  std::function<VectorXd(const VectorXd &)> solve;
};

struct Solution {
  VectorXd u;
  int64_t steps = 0, factors = 0;
  double seconds = 0;
};

} // namespace

static double norm(const VectorXd &error, const VectorXd &u) {
  VectorXd scale = 1e-6 + 1e-3 * u.array().abs();
  return std::sqrt((error.array() / scale.array()).square().mean());
}

/// u = known + s f(u) from the guess in u; false if the iteration does not get there.
static bool iterate(const Problem &problem, const VectorXd &known, double s, VectorXd &u) {
  VectorXd f(u.size());
  for (int i = 0; i < 8; ++i) {
    problem.rhs(u, f);
    VectorXd change = problem.solve(known + s * f - u);
    u += change;
    if (norm(change, u) < 0.03)
      return true;
  }
  return false;
}

static Solution integrate(const Problem &problem, int64_t size, double end) {
  const double gamma = 2 - std::sqrt(2.0), half = gamma / 2;
  // The second stage: u = w1 u(t + gamma h) - w0 u(t) + half h f(u).
  const double w1 = 1 / (gamma * (2 - gamma)), w0 = (1 - gamma) * (1 - gamma) * w1;
  const double errorScale = (-3 * gamma * gamma + 4 * gamma - 2) / (12 * (2 - gamma));
  auto begin = std::chrono::steady_clock::now();
  Solution solution{VectorXd::Zero(size)};
  VectorXd &u = solution.u, f(size), fMiddle(size), fEnd(size);
  double t = 0, h = 1e-4;
  while (t < end) {
    h = std::min(h, end - t);
    problem.rhs(u, f);
    problem.factor(u, half * h);
    ++solution.factors;
    VectorXd middle = u, next;
    bool isSolved = iterate(problem, u + half * h * f, half * h, middle);
    if (isSolved) {
      next = middle;
      isSolved = iterate(problem, w1 * middle - w0 * u, half * h, next);
    }
    double error = INFINITY;
    if (isSolved) {
      problem.rhs(middle, fMiddle);
      problem.rhs(next, fEnd);
      VectorXd third =
          2 * errorScale * h * (f / gamma - fMiddle / (gamma * (1 - gamma)) + fEnd / (1 - gamma));
      error = norm(problem.solve(third), next);
    }
    if (error <= 1) {
      t += h;
      u = next;
      ++solution.steps;
    }
    h *= isSolved ? std::clamp(0.9 * std::pow(error, -1.0 / 3), 0.2, 5.0) : 0.25;
  }
  solution.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return solution;
}

static void copy(const Call::Output &output, VectorXd &to) {
  to = Eigen::Map<const VectorXd>(static_cast<const double *>(output.data), to.size());
}

static Solution solveDense(Function &function, int64_t size, double end) {
  Eigen::PartialPivLU<Eigen::MatrixXd> lu;
  auto rhs = [&](const VectorXd &u, VectorXd &f) {
    function.run(u);
    copy(function.output(0), f);
  };
  auto factor = [&](const VectorXd &u, double s) {
    Eigen::MatrixXd matrix = Eigen::MatrixXd::Identity(size, size);
    VectorXd f(size), moved(size), at = u;
    rhs(u, f);
    for (int64_t i = 0; i < size; ++i) {
      double step = std::sqrt(2.2e-16) * std::max(std::abs(u[i]), 1.0);
      at[i] += step;
      rhs(at, moved);
      matrix.col(i) -= s / step * (moved - f);
      at[i] = u[i];
    }
    lu.compute(matrix);
  };
  return integrate({rhs, factor, [&](const VectorXd &b) -> VectorXd { return lu.solve(b); }}, size,
                   end);
}

static Solution solveSparse(Function &function, Function &jacobian, int64_t size, double end) {
  Eigen::SparseLU<Eigen::SparseMatrix<double>> lu;
  Eigen::SparseMatrix<double> matrix(size, size);
  auto rhs = [&](const VectorXd &u, VectorXd &f) {
    function.run(u);
    copy(function.output(0), f);
  };
  auto factor = [&](const VectorXd &u, double s) {
    jacobian.run(u);
    Call::Output values = jacobian.output(0), rows = jacobian.output(1),
                 columns = jacobian.output(2);
    bool isFirst = matrix.nonZeros() == 0;
    std::vector<Eigen::Triplet<double>> entries;
    for (int i = 0; i < size; ++i)
      entries.emplace_back(i, i, 1.0);
    for (int64_t i = 0; i < values.shape[0]; ++i)
      entries.emplace_back(static_cast<const int32_t *>(rows.data)[i],
                           static_cast<const int32_t *>(columns.data)[i],
                           -s * static_cast<const double *>(values.data)[i]);
    matrix.setFromTriplets(entries.begin(), entries.end());
    if (isFirst)
      lu.analyzePattern(matrix);
    lu.factorize(matrix);
  };
  return integrate({rhs, factor, [&](const VectorXd &b) -> VectorXd { return lu.solve(b); }}, size,
                   end);
}

int main(int count, char **arguments) {
  if (count != 5) {
    std::fprintf(stderr, "usage: StiffBench FUNCTION ARRAY.tern SCALAR.tern END\n");
    return 2;
  }
  std::string name = arguments[1];
  double end = std::atof(arguments[4]);
  Device device("cpu", 1);
  Artefact array(arguments[2]), scalar(arguments[3]);
  Model arrayModel(array, device), scalarModel(scalar, device);
  std::vector<int64_t> shape{3, 32, 32};
  int64_t size = 3 * 32 * 32;
  Function arrayRhs(arrayModel, name, shape), scalarRhs(scalarModel, name, shape);
  Function jacobian(scalarModel, name + ".jacobian", shape);
  Solution sparse = solveSparse(scalarRhs, jacobian, size, end);
  Solution dense = solveDense(arrayRhs, size, end);
  std::printf("array code, dense differences: %.3f s, %ld steps, %ld Jacobians\n", dense.seconds,
              long(dense.steps), long(dense.factors));
  std::printf("scalar code, sparse Jacobian:  %.4f s, %ld steps, %ld Jacobians\n", sparse.seconds,
              long(sparse.steps), long(sparse.factors));
  std::printf("ratio %.1f, largest difference %.2e of %.3f\n", dense.seconds / sparse.seconds,
              (dense.u - sparse.u).cwiseAbs().maxCoeff(), dense.u.cwiseAbs().maxCoeff());
}
