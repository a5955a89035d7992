// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Builds `tern.attention`, which has its axes in fixed places: queries `[T, H, D]`,
//! keys `[S, G, D]`, values `[S, G, E]`, the mask `[T, S]` or `[H, T, S]`; and
//! `tern.rotary`, which has, too.

use crate::axes::Label;
use crate::instantiate::{Builder, Built, Kid, read_as};
use crate::matcher::{Value, style_of};
use crate::pattern::{Head, Pattern, TermPattern};

/// The axes of an attention by what they are.
struct Roles {
    /// Of queries and result alone; the last one is T, the others are heads.
    rows: Vec<Label>,
    /// Of all operands and the result.
    groups: Vec<Label>,
    /// Summed in the scores; in the result.
    width: Vec<Label>,
    keys: Vec<Label>,
    values: Vec<Label>,
}

impl Roles {
    fn new(q: &[Label], k: &[Label], v: &[Label], letters: &[usize]) -> Option<Roles> {
        let is_in_result = |label: &Label| letters.contains(&label.letter);
        let mut roles =
            Roles { rows: vec![], groups: vec![], width: vec![], keys: vec![], values: vec![] };
        for label in q {
            match (k.contains(label), v.contains(label), is_in_result(label)) {
                (true, true, true) => roles.groups.push(*label),
                (true, false, false) => roles.width.push(*label),
                (false, false, true) => roles.rows.push(*label),
                _ => return None,
            }
        }
        for label in k.iter().filter(|label| !q.contains(label)) {
            match (v.contains(label), is_in_result(label)) {
                (true, false) => roles.keys.push(*label),
                _ => return None,
            }
        }
        for label in v.iter().filter(|label| !q.contains(label) && !k.contains(label)) {
            match is_in_result(label) {
                true => roles.values.push(*label),
                false => return None,
            }
        }
        let is_one = [&roles.width, &roles.keys, &roles.values].iter().all(|own| own.len() == 1);
        (is_one && !roles.rows.is_empty()).then_some(roles)
    }
}

impl Builder<'_> {
    /// `tern.rotary`: x `[t, .., d]`, cosines and sines `[t, i]`.
    pub(crate) fn turn(&mut self, term: &TermPattern, head: u32, element: u32) -> Option<Built> {
        let [x, c, _] = &term.strings.operands[..] else { return None };
        let (x, c) = (self.labels(x)?, self.labels(c)?);
        let mut kids = vec![];
        for (at, order) in [&x, &c, &c].into_iter().enumerate() {
            let built = self.operand(term, at, None, element)?;
            kids.push(self.align(built, order)?.kid);
        }
        let style = self.graph.analysis.oracle.make_style(style_of(&term.name));
        kids.push(self.property(style)?);
        Some(Built { kid: self.push(head, kids)?, axes: x })
    }

    /// `kv.attend`: query, cache, positions, batch, layer; type of the bias, scale,
    /// scores, cap, window.
    pub(crate) fn attend(&mut self, term: &TermPattern, head: u32, element: u32) -> Option<Built> {
        let order = self.labels(&term.strings.operands[0])?;
        let query = self.operand(term, 0, None, element)?;
        let query = self.align(query, &order)?.kid;
        let &[cache, view] = &term.sources[..] else { return None };
        let Some(Value::Cache([cache, batch, layer])) = self.found.vars[cache] else {
            return None;
        };
        let Some(Value::View([positions, window])) = self.found.vars[view] else {
            return None;
        };
        let oracle = self.graph.analysis.oracle.clone();
        let cap = match term.scalars.get(1) {
            Some(cap) => self.value(cap)?,
            None => 0.0,
        };
        let absent = self.property(oracle.absent())?;
        let scale = self.property(oracle.make_number(self.value(&term.scalars[0])?))?;
        let cap = self.property(oracle.make_number(cap))?;
        let [cache, positions, batch, layer, window] =
            [cache, positions, batch, layer, window].map(Kid::Class);
        let kids = vec![query, cache, positions, batch, layer, absent, scale, absent, cap, window];
        let axes = self.labels(&term.strings.result)?;
        Some(Built { kid: self.push(head, kids)?, axes })
    }

    pub(crate) fn rotary(&mut self, term: &TermPattern, head: u32, element: u32) -> Option<Built> {
        let x = self.operand(term, 0, None, element)?;
        let d = *term.strings.along.first()?;
        let h = *term.strings.operands[1].last()?;
        let mut kids = vec![];
        let mut rows = None;
        for at in 1..3 {
            // Not spread: the operation does that.
            let Pattern::Term(kid) = &term.kids[at] else { return None };
            let (angles, own) = match &kid.kids[0] {
                Pattern::Term(inner) if inner.name == "bcast" => {
                    (&inner.kids[0], &inner.strings.operands[0])
                }
                angles => (angles, &kid.letters),
            };
            let from = self.letters(angles);
            let built = self.build(angles, None, element, false)?;
            let built_kid = match kid.head {
                Head::Fixed(head) => self.push(head, vec![built.kid])?,
                Head::Any { .. } => return None,
            };
            let axes = read_as(&built.axes, &from, own);
            let axes = read_as(&axes, &kid.letters, &term.strings.operands[at]);
            let mut built = Built { kid: built_kid, axes };
            if built.axes.len() == 1 {
                // The same for all rows.
                built = self.spread(built, &term.strings.operands[at], None)?;
            }
            let axes = built.axes.clone();
            let [a, b] = axes[..] else { return None };
            let row = if a.letter == h { b } else { a };
            rows = Some(row);
            let order = [row, Label { letter: h, at: 0 }];
            kids.push(self.align(built, &order)?.kid);
        }
        let (first, last) = (rows?, Label { letter: d, at: 0 });
        let between = x.axes.iter().filter(|label| **label != first && **label != last);
        let order: Vec<Label> = [first].iter().chain(between).chain([&last]).copied().collect();
        let x = self.align(x, &order)?;
        let style = self.graph.analysis.oracle.make_style(style_of(&term.name));
        let style = self.property(style)?;
        let kids = [x.kid, kids[0], kids[1], style];
        Some(Built { kid: self.push(head, kids.to_vec())?, axes: x.axes })
    }

    pub(crate) fn attention(
        &mut self,
        term: &TermPattern,
        head: u32,
        element: u32,
    ) -> Option<Built> {
        let mut operands = vec![];
        for at in 0..3 {
            operands.push(self.operand(term, at, None, element)?);
        }
        let [q, k, v] = <[Built; 3]>::try_from(operands).ok()?;
        let mut roles = Roles::new(&q.axes, &k.axes, &v.axes, &term.strings.result)?;
        // The tokens are what has a name and no number, or the most.
        let count = |label: &Label| {
            let extents = self.extents(&[*label]).unwrap_or_default();
            self.graph.analysis.notebook.integer(*extents.first()?)
        };
        roles.rows.sort_by_key(|label| (count(label).is_none(), count(label)));
        let t = roles.rows.pop()?;
        let (d, s, e) = (roles.width[0], roles.keys[0], roles.values[0]);
        let heads: Vec<Label> = roles.groups.iter().chain(&roles.rows).copied().collect();
        let groups = roles.groups.clone();
        let q = self.as_heads(q, &[t], &heads, &[d])?;
        let k = self.as_heads(k, &[s], &groups, &[d])?;
        let v = self.as_heads(v, &[s], &groups, &[e])?;
        let mut kids = vec![q.kid, k.kid, v.kid];
        if term.kids.len() == 4 {
            kids.push(self.mask(term, t, s, &heads, element)?.kid);
        }
        let oracle = self.graph.analysis.oracle.clone();
        let scale = oracle.make_number(self.value(&term.scalars[0])?);
        let cap = match term.scalars.get(1) {
            Some(cap) => self.value(cap)?,
            None => 0.0,
        };
        let properties = [oracle.absent(), scale, oracle.make_number(cap), oracle.make_integer(0)];
        for property in properties {
            kids.push(self.property(property)?);
        }
        let kid = self.push(head, kids)?;
        let axes: Vec<Label> = [t].iter().chain(&heads).chain([&e]).copied().collect();
        let extents = self.extents(&axes)?;
        self.reshape(Built { kid, axes: axes.clone() }, extents, axes)
    }

    /// `[first, heads, last]` with all heads as one axis.
    fn as_heads(
        &mut self,
        x: Built,
        first: &[Label],
        heads: &[Label],
        last: &[Label],
    ) -> Option<Built> {
        let order = [first, heads, last].concat();
        let x = self.align(x, &order)?;
        let mut count = 1i64;
        for extent in self.extents(heads)? {
            count = count.checked_mul(self.graph.analysis.notebook.integer(extent)?)?;
        }
        let mut extents = self.extents(first)?;
        extents.push(self.graph.analysis.oracle.make_extent(count));
        extents.extend(self.extents(last)?);
        self.reshape(x, extents, order)
    }

    fn mask(
        &mut self,
        term: &TermPattern,
        t: Label,
        s: Label,
        heads: &[Label],
        element: u32,
    ) -> Option<Built> {
        let letters = self.letters(&term.kids[3]);
        let built = self.build(&term.kids[3], None, element, false)?;
        let axes = read_as(&built.axes, &letters, &term.strings.operands[3]);
        let built = self.unspread(Built { kid: built.kid, axes }, &[t, s]);
        if built.axes.len() == 2 {
            return self.align(built, &[t, s]);
        }
        let order = [heads, &[t, s]].concat();
        let built = self.align(built, &order)?;
        (heads.len() == 1).then_some(built)
    }

    /// What is spread along all axes but those, before it is.
    fn unspread(&self, built: Built, keep: &[Label]) -> Built {
        let Kid::Class(class) = built.kid else {
            return built;
        };
        let terms = self.graph[self.graph.find(class)].nodes.iter();
        let inner = terms.filter(|term| term.head == self.head("broadcast")).find_map(|term| {
            let axes = self.graph.analysis.notebook.axes(self.graph[term.kids[1]].data.what)?;
            let label = |letter: &u8| {
                let at = axes.result.iter().position(|own| own == letter)?;
                built.axes.get(at).copied()
            };
            let labels: Vec<Label> = axes.operands[0].iter().map(label).collect::<Option<_>>()?;
            let is_rest = labels.len() == keep.len() && labels.iter().all(|own| keep.contains(own));
            is_rest.then(|| Built { kid: Kid::Class(term.kids[0]), axes: labels })
        });
        inner.unwrap_or(built)
    }
}
