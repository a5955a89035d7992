// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Prover/Exact.h"

namespace tern::prover {
namespace {

/// Positions are i1, i2, ...; a bound index is named by the height of its sum and its place there.
class Printer {
public:
  explicit Printer(const law::Law &law) : law(law) {}

  std::string form(Form f) {
    std::string all;
    for (const auto &[m, c] : f->terms) {
      std::string factor = (c < 0 ? -c : c).toString();
      all += c < 0 ? (all.empty() ? "-" : " - ") : all.empty() ? "" : " + ";
      if (m->factors.empty() || factor != "1")
        all += factor + (m->factors.empty() ? "" : " ");
      for (const auto &[a, e] : m->factors)
        all += (&a == &m->factors[0].first ? "" : " ") + power(a, e);
    }
    return all.empty() ? "0" : all;
  }

  std::string floating(Float x) {
    std::string head, all;
    switch (x->kind) {
    case FloatKind::Number:
      return x->number.toString();
    case FloatKind::Constant:
      return x->name == unsigned(AtomKind::Pi) ? "pi" : "-inf";
    case FloatKind::Integer:
      return form(x->forms[0]);
    case FloatKind::Element:
      return law.variables[x->name].name + list(x->forms);
    case FloatKind::Hidden:
      return "hidden";
    case FloatKind::Operation:
    case FloatKind::Row:
      head = law::nameOf(law::Op(x->name));
      break;
    case FloatKind::Function:
      head = law.variables[x->name].name;
      break;
    case FloatKind::Negative:
      head = "neg";
      break;
    case FloatKind::Scaled:
      head = "scale";
      break;
    case FloatKind::Inverse:
      head = "recip";
      break;
    case FloatKind::Choice:
      head = "where";
      break;
    case FloatKind::Sum:
      head = "sum";
      break;
    case FloatKind::Maximum:
      head = "amax";
      break;
    }
    for (Float operand : x->operands)
      all += " " + floating(operand);
    for (const FloatPiece &piece : x->pieces)
      all += " {" + binder(piece.extents, x->height) + floating(piece.body) + "}";
    return "(" + head + (x->kind == FloatKind::Row ? list(x->forms) : "") + all + ")";
  }

private:
  std::string list(const std::vector<Form> &forms) {
    std::string all;
    for (Form f : forms)
      all += (all.empty() ? "[" : ", ") + form(f);
    return all.empty() ? "" : all + "]";
  }
  std::string binder(const std::vector<Dim> &extents, unsigned height) {
    std::string all;
    for (size_t place = 0; place < extents.size(); ++place)
      all += bound(height, unsigned(place)) + "<" + law.dims[extents[place]].name + " ";
    return all.empty() ? "" : all + ": ";
  }
  static std::string bound(unsigned height, unsigned place) {
    return std::string(1, char('j' + place % 16)) + std::to_string(height);
  }
  std::string power(Atom a, Rational e) {
    if (a->kind == AtomKind::Exp || a->kind == AtomKind::Cis)
      return (a->kind == AtomKind::Exp ? "exp(" : "cis(") + (e == 1 ? "" : e.toString() + " ") +
             form(a->forms[0]) + ")";
    return atom(a) + (e == 1 ? "" : "^" + e.toString());
  }
  std::string atom(Atom a) {
    switch (a->kind) {
    case AtomKind::Size:
      return law.dims[a->number].name;
    case AtomKind::Index:
      return "i" + std::to_string(a->number);
    case AtomKind::Bound:
      return bound(a->height, a->number);
    case AtomKind::Element:
    case AtomKind::Truth:
      return law.variables[a->number].name + list(a->forms);
    case AtomKind::Imaginary:
      return "i";
    case AtomKind::Pi:
      return "pi";
    case AtomKind::MinusInfinity:
      return "-inf";
    case AtomKind::Base:
      return "(" + form(a->forms[0]) + ")";
    case AtomKind::Positive:
      return "[" + form(a->forms[0]) + " > 0]";
    case AtomKind::Zero:
      return "[" + form(a->forms[0]) + " = 0]";
    case AtomKind::Function: {
      static constexpr const char *names[] = {"log", "erf", "rnd", "rint", "pow"};
      std::string name = a->number < FirstVariable ? names[a->number]
                                                   : law.variables[a->number - FirstVariable].name;
      std::string arguments = list(a->forms);
      return name + "(" + arguments.substr(1, arguments.size() - 2) + ")";
    }
    default:
      break;
    }
    std::string all = a->kind == AtomKind::Sum ? "sum" : "max";
    for (const Branch &branch : a->branches)
      all += "{" + binder(branch.extents, branch.height) + form(branch.body) + "}";
    return all;
  }

  const law::Law &law;
};

} // namespace

std::string print(const law::Law &law, Form form) { return Printer(law).form(form); }
std::string print(const law::Law &law, Float x) { return Printer(law).floating(x); }

} // namespace tern::prover
