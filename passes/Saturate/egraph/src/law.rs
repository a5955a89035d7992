// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Rule files: one record a law.

use std::collections::HashSet;

use crate::Failure;
use crate::oracle::Oracle;
use crate::pattern::{Head, Layout, Pattern, Scalar, Scope, TermPattern};
use crate::sexp::Sexp;
use crate::size::Size;

/// How equal the two sides are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Bit for bit.
    Bit,
    /// Over the reals.
    Real,
}

#[derive(Debug, Clone)]
pub enum Kind {
    /// A tensor of these letters, or a scalar if there are none.
    Tensor(Vec<usize>),
    /// An element-wise operation.
    Function,
    /// An element type.
    Element,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact {
    /// Known before the step.
    Load(usize),
    /// A tensor of the checkpoint.
    Weight(usize),
    /// Its elements are f32.
    F32(usize),
    /// The element type (first) holds every value of the tensor (second).
    Exact(usize, usize),
}

/// `left <= right`, or `left = right`.
#[derive(Debug, Clone)]
pub struct Comparison {
    pub is_equal: bool,
    pub left: Size,
    pub right: Size,
}

/// A law in one direction: a term that `lhs` matches equals `rhs`.
#[derive(Debug, Clone)]
pub struct Law {
    pub name: String,
    /// Where it begins in its file, from 1.
    pub line: usize,
    pub tier: Tier,
    pub dims: Vec<String>,
    /// Whether the letter of that number may stand for a block of axes.
    pub may_be_block: Vec<bool>,
    /// `n=a+b`.
    pub equations: Vec<(usize, Size)>,
    pub vars: Vec<Kind>,
    pub comparisons: Vec<Comparison>,
    pub facts: Vec<Fact>,
    /// The weight of which all siblings are taken together.
    pub sibling: Option<usize>,
    pub lhs: Pattern,
    pub rhs: Pattern,
}

/// The lines of one law as they are written.
#[derive(Default)]
struct Record<'a> {
    /// Where the law begins, from 1.
    line: usize,
    head: Vec<&'a str>,
    lines: Vec<(&'a str, &'a str)>,
}

impl<'a> Record<'a> {
    fn lines(&self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.lines.iter().filter(move |line| line.0 == key).map(|line| line.1)
    }

    fn one(&self, key: &'a str) -> Result<&'a str, Failure> {
        let all: Vec<&str> = self.lines(key).collect();
        match all[..] {
            [one] => Ok(one),
            _ => Err(format!("expected one line '{key}', found {}", all.len())),
        }
    }
}

/// All laws of a file, each that holds both ways as two.
pub fn parse(file: &str, text: &str, oracle: &dyn Oracle) -> Result<Vec<Law>, Failure> {
    let mut laws: Vec<Law> = vec![];
    let mut names = HashSet::new();
    for record in split(file, text)? {
        let name = record.head.get(1).copied().unwrap_or_default();
        let add = |what: Failure| format!("{file}:{}: law '{name}': {what}", record.line);
        if !names.insert(name) {
            return Err(add("the name is taken".into()));
        }
        laws.extend(read(&record, oracle).map_err(add)?);
    }
    Ok(laws)
}

fn split<'a>(file: &str, text: &'a str) -> Result<Vec<Record<'a>>, Failure> {
    const KEYS: &[&str] = &["dims", "vars", "typed", "when", "guard", "lhs", "rhs", "why"];
    let mut records: Vec<Record> = vec![];
    for (number, line) in text.lines().enumerate() {
        let line = line.split(';').next().unwrap_or_default();
        let (key, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        let shown = line.escape_debug();
        let complain = |what| Err(format!("{file}:{}: {what}, found '{shown}'", number + 1));
        if key.is_empty() {
            continue;
        }
        if key == "law" {
            let head = line.split_whitespace().collect();
            records.push(Record { line: number + 1, head, lines: vec![] });
        } else if let Some(record) = records.last_mut() {
            if !KEYS.contains(&key) {
                return complain(format!("expected one of {}", KEYS.join(" ")));
            }
            record.lines.push((key, rest.trim()));
        } else {
            return complain("expected a law".to_string());
        }
    }
    Ok(records)
}

fn read(record: &Record, oracle: &dyn Oracle) -> Result<Vec<Law>, Failure> {
    let [_, name, tier, way, marks @ ..] = &record.head[..] else {
        return Err("expected 'law NAME TIER WAY'".into());
    };
    let tier = match *tier {
        "B" => Tier::Bit,
        "R" => Tier::Real,
        other => return Err(format!("expected tier B or R, found '{other}'")),
    };
    let both_ways = match *way {
        "=>" => false,
        "<=>" => true,
        other => return Err(format!("expected => or <=>, found '{other}'")),
    };
    if let Some(mark) = marks.iter().find(|mark| !["grow", "L"].contains(mark)) {
        return Err(format!("expected the mark grow or L, found '{mark}'"));
    }
    record.one("why")?;
    let law = read_body(record, name, tier, oracle)?;
    if marks.contains(&"grow") && law.sibling.is_none() {
        return Err("it can grow terms without bound, so it needs the guard (siblings w)".into());
    }
    let mut laws = vec![law];
    if both_ways {
        let forth = &laws[0];
        let back = Law {
            name: format!("{name}-back"),
            lhs: forth.rhs.clone(),
            rhs: forth.lhs.clone(),
            ..forth.clone()
        };
        laws.push(back);
    }
    laws.iter().try_for_each(check)?;
    Ok(laws)
}

fn read_body(record: &Record, name: &str, tier: Tier, oracle: &dyn Oracle) -> Result<Law, Failure> {
    let mut dims: Vec<String> = vec![];
    let mut equations = vec![];
    for word in record.lines("dims").flat_map(str::split_whitespace) {
        dims.push(word.split('=').next().unwrap_or_default().to_string());
        if let Some((_, right)) = word.split_once('=') {
            equations.push((dims.len() - 1, Size::parse_equation(right, &dims)?));
        }
    }
    let (lhs, rhs) = (Sexp::parse(record.one("lhs")?)?, Sexp::parse(record.one("rhs")?)?);
    // Operands of one operation may share axes in front that the law does not speak of.
    let is_framed = format!("{lhs:?}{rhs:?}").contains("contract");
    if is_framed {
        dims.push("<frame>".to_string());
    }
    let frame = is_framed.then(|| dims.len() - 1);
    let declared: Vec<(&str, &str)> = record
        .lines("vars")
        .flat_map(str::split_whitespace)
        .map(|word| word.split_once(':').ok_or(format!("expected NAME:AXES, found '{word}'")))
        .collect::<Result<_, _>>()?;
    let vars: Vec<String> = declared.iter().map(|var| var.0.to_string()).collect();
    let scope = Scope { oracle, dims: &dims, vars: &vars, frame };
    let kinds = declared
        .iter()
        .map(|(_, axes)| match *axes {
            "fn" => Ok(Kind::Function),
            "type" => Ok(Kind::Element),
            "." => Ok(Kind::Tensor(vec![])),
            letters => scope.letters(letters).map(Kind::Tensor),
        })
        .collect::<Result<_, _>>()?;
    let mut law = Law {
        name: name.to_string(),
        line: record.line,
        tier,
        may_be_block: vec![],
        equations,
        vars: kinds,
        comparisons: vec![],
        facts: vec![],
        sibling: None,
        lhs: scope.parse(&lhs)?,
        rhs: scope.parse(&rhs)?,
        dims: dims.clone(),
    };
    for text in ["typed", "when", "guard"].into_iter().flat_map(|key| record.lines(key)) {
        for condition in Sexp::parse_all(text)? {
            read_condition(&condition, &scope, &mut law)?;
        }
    }
    law.may_be_block = find_blocks(&law);
    Ok(law)
}

fn read_condition(condition: &Sexp, scope: &Scope, law: &mut Law) -> Result<(), Failure> {
    let unknown = || format!("'{condition:?}' is no condition that is known");
    let Sexp::List(list) = condition else {
        return Err(unknown());
    };
    let var = |text: &Sexp| match text {
        Sexp::Atom(name) => scope.var(name).ok_or_else(|| format!("'{name}' is no variable")),
        Sexp::List(_) => Err(unknown()),
    };
    match &list[..] {
        [Sexp::Atom(name), x] if name == "load" => law.facts.push(Fact::Load(var(x)?)),
        [Sexp::Atom(name), x] if name == "weight" => law.facts.push(Fact::Weight(var(x)?)),
        [Sexp::Atom(name), x] if name == "f32" => law.facts.push(Fact::F32(var(x)?)),
        [Sexp::Atom(name), x] if name == "siblings" => law.sibling = Some(var(x)?),
        [Sexp::Atom(name), t, x] if name == "exact" => {
            law.facts.push(Fact::Exact(var(t)?, var(x)?))
        }
        [Sexp::Atom(name), a, b] => {
            let (a, b) = (Size::parse(a, scope.dims)?, Size::parse(b, scope.dims)?);
            let (is_equal, left, right) = match name.as_str() {
                "<=" => (false, a, b),
                ">=" => (false, b, a),
                "=" => (true, a, b),
                _ => return Err(unknown()),
            };
            law.comparisons.push(Comparison { is_equal, left, right });
        }
        _ => return Err(unknown()),
    }
    Ok(())
}

/// A letter that no size, slice or join refers to may be a block. Letters of a
/// regrouping too: where no equation ties them, only the order of elements counts.
fn find_blocks(law: &Law) -> Vec<bool> {
    let mut used = vec![];
    for (dim, size) in &law.equations {
        used.push(*dim);
        size.dims(&mut used);
    }
    for comparison in &law.comparisons {
        comparison.left.dims(&mut used);
        comparison.right.dims(&mut used);
    }
    for side in [&law.lhs, &law.rhs] {
        side.for_each_term(&mut |term| {
            if let Scalar::Offset(size) = &term.scalar {
                size.dims(&mut used);
            }
            if matches!(term.layout, Layout::Slice | Layout::Concat) {
                // What operands and result do not share.
                let result = &term.strings.result;
                for operand in &term.strings.operands {
                    used.extend(operand.iter().filter(|letter| !result.contains(letter)));
                    used.extend(result.iter().filter(|letter| !operand.contains(letter)));
                }
            }
        });
    }
    (0..law.dims.len()).map(|dim| !used.contains(&dim)).collect()
}

/// The left side is a term, and binds what the right side needs.
fn check(law: &Law) -> Result<(), Failure> {
    if !matches!(law.lhs, Pattern::Term(_)) {
        return Err("the side to be matched is not an operation".into());
    }
    let (mut left, mut right) = (vec![], vec![]);
    law.lhs.vars(&mut left);
    law.rhs.vars(&mut right);
    for fact in &law.facts {
        match *fact {
            Fact::Load(var) | Fact::Weight(var) | Fact::F32(var) => right.push(var),
            Fact::Exact(element, var) => right.extend([element, var]),
        }
    }
    if right.iter().any(|var| !left.contains(var)) {
        return Err("a variable of the right side is not bound by the left".into());
    }
    let mut fits = true;
    for side in [&law.lhs, &law.rhs] {
        side.for_each_term(&mut |term| fits &= has_right_kinds(term, &law.vars));
    }
    if fits { Ok(()) } else { Err("a variable stands where its kind can't".into()) }
}

fn has_right_kinds(term: &TermPattern, kinds: &[Kind]) -> bool {
    let is_tensor = |var: &usize| matches!(kinds[*var], Kind::Tensor(_));
    let operands = term.kids.iter().all(|kid| match kid {
        Pattern::Var(var) | Pattern::Each(var) => is_tensor(var),
        _ => true,
    });
    let head = match &term.head {
        Head::Any { var, .. } => matches!(kinds[*var], Kind::Function),
        Head::Fixed(_) => true,
    };
    let scalar = match &term.scalar {
        Scalar::Var(var) if term.layout == Layout::Cast => matches!(kinds[*var], Kind::Element),
        Scalar::Var(var) => is_tensor(var),
        _ => true,
    };
    operands && head && scalar
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::World;

    const GOOD: &str =
        "law a B <=>\n dims r k\n vars x:rk\n lhs (neg (neg x))\n rhs (abs (abs x))\n why test\n";

    fn message(text: &str) -> Failure {
        parse("a.rules", text, &World::default()).unwrap_err()
    }

    #[test]
    fn a_law_of_two_ways_is_two() {
        let laws = parse("a.rules", GOOD, &World::default()).unwrap();
        assert_eq!(laws.iter().map(|law| &law.name[..]).collect::<Vec<_>>(), ["a", "a-back"]);
        assert_eq!(laws[0].may_be_block, [true, true]);
        assert_eq!(laws[0].tier, Tier::Bit);
    }

    #[test]
    fn a_sliced_axis_is_no_block() {
        let text = "law a B =>\n dims r lo a u k=lo+a+u\n vars x:rk\n lhs (slice rk->ra x lo)\n rhs x\n why test\n";
        let law = &parse("a.rules", text, &World::default()).unwrap()[0];
        assert_eq!(law.may_be_block, [true, false, false, false, false]);
    }

    #[test]
    fn each_mistake_is_one_sentence() {
        for (from, to, expected) in [
            ("law a B", "law a L", "a.rules:1: law 'a': expected tier B or R, found 'L'"),
            ("<=>", "<=", "expected => or <=>, found '<='"),
            ("<=>", "<=> big", "expected the mark grow or L, found 'big'"),
            ("<=>", "<=> grow", "needs the guard (siblings w)"),
            ("rhs (abs (abs x))", "rhs x", "the side to be matched is not an operation"),
            ("(neg (neg x))", "(neg (nag x))", "'nag' is no operation"),
            ("(neg (neg x))", "(neg x x)", "'neg' has scalars that it does not take"),
            ("(neg (neg x))", "(neg)", "'neg' takes 1 operands, found 0"),
            ("(abs (abs x))", "(abs y)", "'y' is neither a variable of the law nor a number"),
            ("vars x:rk", "vars x:rm", "'m' in 'rm' is no size of the law"),
            ("why test", "guard (pos x)\n why test", "is no condition that is known"),
            ("why test", "because test", "a.rules:6: expected one of dims"),
            ("why test", "", "expected one line 'why', found 0"),
            ("vars x:rk", "vars x:rk y:rk", ""),
            (
                "(abs (abs x))",
                "(abs (abs y))\n vars y:rk",
                "a variable of the right side is not bound",
            ),
        ] {
            let text = GOOD.replace(from, to);
            assert_ne!(text, GOOD);
            if expected.is_empty() {
                assert!(parse("a.rules", &text, &World::default()).is_ok());
            } else {
                assert!(message(&text).contains(expected), "{}", message(&text));
            }
        }
        assert_eq!(message(&format!("{GOOD}{GOOD}")), "a.rules:7: law 'a': the name is taken");
    }
}
