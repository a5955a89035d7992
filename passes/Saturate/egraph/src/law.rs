// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Rule files: one record a law.

use std::cell::RefCell;
use std::collections::HashSet;

use crate::Failure;
use crate::offer::{Offer, offer};
use crate::oracle::Oracle;
use crate::pattern::{Pattern, Scope, Sort, Var};
use crate::sexp::Sexp;
use crate::size::Size;
use crate::wires::{LawWires, find_blocks};

/// How equal the two sides are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Bit for bit.
    Bit,
    /// Over the reals.
    Real,
}

/// What must be known of a variable, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact {
    /// Known before the step.
    Load(usize),
    /// The element type (first) holds every value of the tensor (second).
    Exact(usize, usize),
    /// The view (first) is that of rows at these positions (second).
    Rows(usize, usize),
    /// All elements are above 0, not below it, not 0.
    Positive(usize),
    NotNegative(usize),
    NotZero(usize),
    /// One power of two.
    PowerOfTwo(usize),
    NotOne(usize),
    /// Known before the step, or one number.
    Delta(usize),
    /// Numbers that the narrower type of the law's rounding holds.
    Rounded(usize),
    Orthogonal(usize),
    /// Each index once.
    Bijective(usize),
    /// Each row of the mask (first) has an entry along the letter (second).
    Some(usize, usize),
    /// Of a function: strictly increasing; 0 at 0.
    Increasing(usize),
    ZeroAtZero(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Less,
    AtMost,
    Equal,
}

/// `left < right`, `left <= right` or `left = right`.
#[derive(Debug, Clone)]
pub struct Comparison {
    pub order: Order,
    pub left: Size,
    pub right: Size,
}

/// Who may offer a law that grows terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Searcher {
    None,
    /// `w..`: of all weights that meet one operand, and what else each of them comes with.
    Siblings(Vec<usize>),
    /// Of two or three of them: instances of the law above.
    FewSiblings,
    Chain,
}

/// A law in one direction: a term that `lhs` matches equals `rhs`.
#[derive(Debug, Clone)]
pub struct Law {
    pub name: String,
    /// Where it begins in its file, from 1.
    pub line: usize,
    pub tier: Tier,
    /// Holds across roundings of every operation.
    pub is_low: bool,
    /// Could create terms without bound.
    pub grows: bool,
    /// Read from right to left.
    pub is_back: bool,
    pub dims: Vec<String>,
    /// Whether the letter of that number may stand for a block of axes.
    pub may_be_block: Vec<bool>,
    /// `n=a+b`.
    pub equations: Vec<(usize, Size)>,
    pub vars: Vec<Var>,
    pub comparisons: Vec<Comparison>,
    pub facts: Vec<Fact>,
    /// Those of them that say when the law pays.
    pub guards: Vec<Fact>,
    pub searcher: Searcher,
    pub lhs: Pattern,
    pub rhs: Pattern,
    /// The axes of `lhs`.
    pub wires: LawWires,
    /// Operations of the law that the dialect lacks.
    pub missing: Vec<String>,
    pub offer: Offer,
}

impl Law {
    /// True for both directions of the law of that name.
    pub fn is_of(&self, name: &str) -> bool {
        let own = self.name.strip_suffix("-back").filter(|_| self.is_back);
        own.unwrap_or(&self.name) == name
    }
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
        "L" => return Err("what loses information is a choice of the user, no law".into()),
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
    let mut law = read_body(record, name, tier, oracle)?;
    law.is_low = marks.contains(&"L");
    law.grows = marks.contains(&"grow");
    let mut laws = vec![law];
    if both_ways {
        let forth = &laws[0];
        let back = Law {
            name: format!("{name}-back"),
            lhs: forth.rhs.clone(),
            rhs: forth.lhs.clone(),
            is_back: true,
            ..forth.clone()
        };
        laws.push(back);
    }
    for law in &mut laws {
        if law.searcher == Searcher::None && !law.grows {
            check(law)?;
        }
        let wires = LawWires::new(&law.lhs, &law.vars, &law.may_be_block);
        law.offer = offer(law, wires.is_some());
        law.wires = wires.unwrap_or_default();
    }
    Ok(laws)
}

fn read_vars(record: &Record, dims: &[String], scope: &Scope) -> Result<Vec<Var>, Failure> {
    let dim = |name: &str| {
        let at = dims.iter().position(|dim| dim == name);
        at.ok_or_else(|| format!("'{name}' is no size of the law"))
    };
    let read = |word: &str| {
        let colon = word.find([':', '?']);
        let at = colon.ok_or(format!("expected NAME:AXES, found '{word}'"))?;
        let (name, axes) = (word[..at].to_string(), &word[at + 1..]);
        let (axes, bound) = axes.split_once('<').map_or((axes, None), |(a, b)| (a, Some(b)));
        let sort = match (axes, bound) {
            ("fn", None) => Sort::Function,
            ("type", None) => Sort::Element,
            ("cache", None) => Sort::Cache,
            ("view", None) => Sort::View,
            (_, Some(bound)) => Sort::Index(dim(bound)?),
            _ if word[at..].starts_with('?') => Sort::Truth,
            _ => Sort::Real,
        };
        let is_scalar = axes == "." || !matches!(sort, Sort::Real | Sort::Truth | Sort::Index(_));
        let letters = if is_scalar { vec![] } else { scope.letters(axes)? };
        Ok(Var { name, sort, letters })
    };
    let vars: Vec<Var> = record
        .lines("vars")
        .flat_map(str::split_whitespace)
        .map(read)
        .collect::<Result<_, Failure>>()?;
    match (1..vars.len()).find(|at| vars[..*at].iter().any(|var| var.name == vars[*at].name)) {
        Some(at) => Err(format!("the variable '{}' is declared twice", vars[at].name)),
        None => Ok(vars),
    }
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
    // All operands may share axes in front that the law does not speak of, unless a
    // condition speaks of a whole operand, or an operation leaves no axis of one.
    let whole = |line: &str| line.contains("bijective") || line.contains("orthogonal");
    let is_whole = record.lines("when").any(whole) || lhs.leaves_none() || rhs.leaves_none();
    let frame = (!is_whole).then(|| {
        dims.push("<frame>".to_string());
        dims.len() - 1
    });
    let scope = Scope {
        oracle,
        dims: &dims,
        equations: &equations,
        vars: &[],
        frame,
        missing: RefCell::default(),
    };
    let vars = read_vars(record, &dims, &scope)?;
    let scope = Scope { vars: &vars, ..scope };
    let (lhs, rhs) = (scope.parse(&lhs)?, scope.parse(&rhs)?);
    let mut law = Law {
        name: name.to_string(),
        line: record.line,
        tier,
        is_low: false,
        grows: false,
        is_back: false,
        may_be_block: vec![],
        equations: equations.clone(),
        vars: vars.clone(),
        comparisons: vec![],
        facts: vec![],
        guards: vec![],
        searcher: Searcher::None,
        lhs,
        rhs,
        wires: LawWires::default(),
        missing: scope.missing.take(),
        offer: Offer::Free,
        dims: dims.clone(),
    };
    for key in ["typed", "when", "guard"] {
        let known = law.facts.len();
        for text in record.lines(key) {
            for condition in Sexp::parse_all(text)? {
                read_condition(&condition, &scope, &mut law)?;
            }
        }
        if key == "guard" {
            law.guards = law.facts[known..].to_vec();
        }
    }
    // A chain is put in order by cost, which knows what is paid at load.
    if law.searcher == Searcher::Chain {
        law.facts.retain(|fact| !matches!(fact, Fact::Load(_)));
    }
    // The sides have one shape, given what is assumed of sizes.
    let assumed = law.comparisons.iter().filter_map(|own| match (&own.left, own.order) {
        (Size::Dim(dim), Order::Equal) => Some((*dim, own.right.clone())),
        _ => None,
    });
    let equations: Vec<(usize, Size)> = equations.iter().cloned().chain(assumed).collect();
    Scope { equations: &equations, ..scope }.check_sides(&law.lhs, &law.rhs)?;
    law.missing.sort();
    law.missing.dedup();
    law.may_be_block = find_blocks(&law);
    Ok(law)
}

fn read_condition(condition: &Sexp, scope: &Scope, law: &mut Law) -> Result<(), Failure> {
    let unknown = || format!("'{condition:?}' is no condition that is known");
    let Sexp::List(list) = condition else {
        return Err(unknown());
    };
    let Some((Sexp::Atom(name), operands)) = list.split_first() else {
        return Err(unknown());
    };
    let order = match name.as_str() {
        "<" | ">" => Some(Order::Less),
        "<=" | ">=" => Some(Order::AtMost),
        "=" => Some(Order::Equal),
        _ => None,
    };
    if let (Some(order), [a, b]) = (order, operands) {
        let (a, b) = (Size::parse(a, scope.dims)?, Size::parse(b, scope.dims)?);
        let (left, right) = if name.starts_with('>') { (b, a) } else { (a, b) };
        law.comparisons.push(Comparison { order, left, right });
        return Ok(());
    }
    let var = |text: &Sexp| match text {
        Sexp::Atom(name) => scope.var(name).ok_or_else(|| format!("'{name}' is no variable")),
        Sexp::List(_) => Err(unknown()),
    };
    let fact: fn(usize) -> Fact = match (name.as_str(), operands) {
        ("every-user-linear", []) => return Ok(()), // what all users pay is counted in extraction
        ("chain-searcher", []) => {
            law.searcher = Searcher::Chain;
            return Ok(());
        }
        ("sibling-searcher", vars) if vars.iter().map(var).all(|var| var.is_ok()) => {
            law.searcher = Searcher::FewSiblings;
            return Ok(());
        }
        ("siblings", [_, ..]) => {
            law.searcher = Searcher::Siblings(operands.iter().map(var).collect::<Result<_, _>>()?);
            return Ok(());
        }
        ("exact", [t, x]) => {
            law.facts.push(Fact::Exact(var(t)?, var(x)?));
            return Ok(());
        }
        ("rows", [y, p]) => {
            law.facts.push(Fact::Rows(var(y)?, var(p)?));
            return Ok(());
        }
        ("some", [m, Sexp::Atom(letter)]) => {
            let at = scope.dims.iter().position(|dim| dim == letter);
            let at = at.ok_or_else(|| format!("'{letter}' is no size of the law"))?;
            law.facts.push(Fact::Some(var(m)?, at));
            return Ok(());
        }
        ("load", [_]) => Fact::Load,
        ("pos", [_]) => Fact::Positive,
        ("nonneg", [_]) => Fact::NotNegative,
        ("nonzero", [_]) => Fact::NotZero,
        ("pow2", [_]) => Fact::PowerOfTwo,
        ("not-one", [_]) => Fact::NotOne,
        ("delta", [_]) => Fact::Delta,
        ("rounded", [_]) => Fact::Rounded,
        ("orthogonal", [_]) => Fact::Orthogonal,
        ("bijective", [_]) => Fact::Bijective,
        ("increasing", [_]) => Fact::Increasing,
        ("zero_at_zero", [_]) => Fact::ZeroAtZero,
        _ => return Err(unknown()),
    };
    law.facts.push(fact(var(&operands[0])?));
    Ok(())
}

impl Fact {
    pub fn vars(self) -> Vec<usize> {
        use Fact::*;
        match self {
            Exact(a, b) | Rows(a, b) => vec![a, b],
            Load(a)
            | Positive(a)
            | NotNegative(a)
            | NotZero(a)
            | PowerOfTwo(a)
            | NotOne(a)
            | Delta(a)
            | Rounded(a)
            | Orthogonal(a)
            | Bijective(a)
            | Some(a, _)
            | Increasing(a)
            | ZeroAtZero(a) => vec![a],
        }
    }
}

/// The left side is a term, and binds what the right side needs.
pub fn check(law: &Law) -> Result<(), Failure> {
    if !matches!(law.lhs, Pattern::Term(_)) {
        return Err("the side to be matched is not an operation".into());
    }
    let (mut left, mut right) = (vec![], vec![]);
    law.lhs.vars(&mut left);
    law.rhs.vars(&mut right);
    right.extend(law.facts.iter().flat_map(|fact| fact.vars()));
    if let Some(var) = right.iter().find(|var| !left.contains(var)) {
        let name = &law.vars[*var].name;
        return Err(format!("a variable of the right side is not bound by the left: '{name}'"));
    }
    Ok(())
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
        assert_eq!(laws[0].may_be_block, [true; 3]);
        assert_eq!(laws[0].tier, Tier::Bit);
    }

    #[test]
    fn a_sliced_axis_is_no_block() {
        let text = "law a B =>\n dims r lo a u k=lo+a+u\n vars x:rk\n lhs (slice rk->ra x lo)\n rhs (slice rk->ra x lo)\n why test\n";
        let law = &parse("a.rules", text, &World::default()).unwrap()[0];
        assert_eq!(law.may_be_block, [true, false, false, false, false, true]);
    }

    #[test]
    fn each_mistake_is_one_sentence() {
        for (from, to, expected) in [
            ("law a B", "law a L", "a.rules:1: law 'a': what loses information is a choice"),
            ("law a B", "law a C", "expected tier B or R, found 'C'"),
            ("<=>", "<=", "expected => or <=>, found '<='"),
            ("<=>", "<=> big", "expected the mark grow or L, found 'big'"),
            ("rhs (abs (abs x))", "rhs x", "the side to be matched is not an operation"),
            ("(neg (neg x))", "(neg (nag x))", "'nag' is no operation"),
            ("(neg (neg x))", "(neg x x)", "'neg' has scalars that it does not take"),
            ("(neg (neg x))", "(neg)", "'neg' takes 1 operands, found 0"),
            ("(abs (abs x))", "(abs y)", "'y' is neither a variable of the law nor a number"),
            ("vars x:rk", "vars x:rm", "'m' in 'rm' is no size of the law"),
            ("why test", "guard (good x)\n why test", "is no condition that is known"),
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

    /// The shipped files.
    fn shipped() -> Vec<Law> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../rules");
        let mut paths: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.extension().is_some_and(|end| end == "rules"));
        paths.sort();
        let world = World::default();
        let read = |path: &std::path::PathBuf| {
            let name = path.file_name().unwrap().to_str().unwrap();
            parse(name, &std::fs::read_to_string(path).unwrap(), &world).unwrap()
        };
        paths.iter().flat_map(read).collect()
    }

    #[test]
    fn the_catalogue_is_read() {
        let laws = shipped();
        let forth = laws.iter().filter(|law| !law.is_back).count();
        assert_eq!(forth, 492);
        let mut by_offer = std::collections::BTreeMap::<String, Vec<&str>>::new();
        for law in &laws {
            by_offer.entry(format!("{:?}", law.offer)).or_default().push(&law.name);
        }
        // What the dialect can't say yet, and what is left to a searcher.
        assert_eq!(by_offer.get("Missing"), None);
        assert_eq!(by_offer["Searcher"].len(), 10, "{:?}", by_offer["Searcher"]);
        assert_eq!(by_offer["Unmatched"].len(), 3, "{:?}", by_offer["Unmatched"]);
    }
}
