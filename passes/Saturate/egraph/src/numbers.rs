// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Arithmetic on numbers that laws and constants hold.

/// The value of an operation on numbers, where double precision says it well.
pub fn evaluate(name: &str, numbers: &[f64]) -> Option<f64> {
    let value = match (name, numbers) {
        ("neg", [x]) => -x,
        ("abs", [x]) => x.abs(),
        ("square", [x]) => x * x,
        ("sqrt", [x]) => x.sqrt(),
        ("recip", [x]) => 1.0 / x,
        ("add", [x, y]) => x + y,
        ("sub", [x, y]) => x - y,
        ("mul", [x, y]) => x * y,
        ("div", [x, y]) => x / y,
        ("maximum", [x, y]) => x.max(*y),
        ("minimum", [x, y]) => x.min(*y),
        ("exp", [x]) if *x == 0.0 => 1.0,
        _ => return None,
    };
    value.is_finite().then_some(value)
}
