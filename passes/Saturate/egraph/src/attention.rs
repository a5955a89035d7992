// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Builds `tern.attention`, which has its axes in fixed places: queries `[T, H, D]`,
//! keys `[S, G, D]`, values `[S, G, E]`, the mask `[T, S]` or `[H, T, S]`; and
//! `tern.rotary`, which has, too.

use crate::axes::Label;
use crate::explain::is_spread_mask;
use crate::instantiate::{Builder, Built, Kid};
use crate::labels::read_as;
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
        let mut kids = self.placed(term, element)?;
        let style = self.graph.analysis.oracle.make_style(style_of(&term.name));
        kids.push(self.property(style)?);
        let axes = self.labels(&term.strings.operands[0])?;
        Some(Built { kid: self.push(head, kids)?, axes })
    }

    /// The operands of a word that has its axes in fixed places.
    fn placed(&mut self, term: &TermPattern, element: u32) -> Option<Vec<Kid>> {
        let operand = |at: usize| {
            let order = self.labels(&term.strings.operands[at])?;
            let built = self.operand(term, at, None, element)?;
            Some(self.align(built, &order)?.kid)
        };
        (0..term.kids.len()).map(operand).collect()
    }

    /// `kv.attend`: query, cache, positions, batch, layer, slopes; type of the bias, scale,
    /// scores, cap, window.
    pub(crate) fn attend(&mut self, term: &TermPattern, head: u32, element: u32) -> Option<Built> {
        let operands = self.placed(term, element)?;
        let source = |at: usize| Some(self.found.vars[*term.sources.get(at)?]?);
        let (Value::Cache(cache), Value::View([positions, window])) = (source(0)?, source(1)?)
        else {
            return None;
        };
        let oracle = self.graph.analysis.oracle.clone();
        let rounded = match source(3) {
            Some(Value::Element(narrow)) => oracle.make_type(narrow),
            _ => oracle.absent(),
        };
        let cap = match term.scalars.get(1) {
            Some(cap) => self.value(cap)?,
            None => 0.0,
        };
        let scale = oracle.make_number(self.value(&term.scalars[0])?);
        let [cache, batch, layer] = cache.map(Kid::Class);
        let mut kids = vec![operands[0], cache, Kid::Class(positions), batch, layer];
        // The guard says that the positions of the bias are those of the view.
        kids.extend(operands.get(2));
        for property in [rounded, scale, oracle.absent(), oracle.make_number(cap)] {
            kids.push(self.property(property)?);
        }
        kids.push(Kid::Class(window));
        let axes = self.labels(&term.strings.result)?;
        Some(Built { kid: self.push(head, kids)?, axes })
    }

    /// `tern.attention`: query, keys, values, mask; causal, scale, cap, window.
    pub(crate) fn grouped(&mut self, term: &TermPattern, head: u32, element: u32) -> Option<Built> {
        let mut kids = self.placed(term, element)?;
        let oracle = self.graph.analysis.oracle.clone();
        let is_causal = term.name.contains("causal");
        let causal = if is_causal { oracle.present() } else { oracle.absent() };
        let scale = oracle.make_number(self.value(&term.scalars[0])?);
        for property in [causal, scale, oracle.make_number(0.0), oracle.make_integer(0)] {
            kids.push(self.property(property)?);
        }
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
        let mut extents = self.extents(first)?;
        extents.push(self.joint(heads)?);
        extents.extend(self.extents(last)?);
        self.reshape(x, extents, order)
    }

    /// All heads as one axis.
    fn joint(&self, heads: &[Label]) -> Option<u32> {
        let mut count = 1i64;
        for extent in self.extents(heads)? {
            count = count.checked_mul(self.graph.analysis.notebook.integer(extent)?)?;
        }
        Some(self.graph.analysis.oracle.make_extent(count))
    }

    fn mask(
        &mut self,
        term: &TermPattern,
        t: Label,
        s: Label,
        heads: &[Label],
        element: u32,
    ) -> Option<Built> {
        // Not spread over heads: the operation does that.
        if let Pattern::Term(kid) = &term.kids[3]
            && kid.name == "bcast"
        {
            let own = self.operand(kid, 0, None, element)?;
            if own.axes.iter().all(|label| [t, s].contains(label)) {
                return self.shared(own, t, s);
            }
        }
        let letters = self.letters(&term.kids[3]);
        let built = self.build(&term.kids[3], None, element, false)?;
        let axes = read_as(&built.axes, &letters, &term.strings.operands[3]);
        let built = Built { kid: built.kid, axes };
        if let Some(own) = self.unspread(&built, &[t, s]) {
            return self.shared(own, t, s);
        }
        if built.axes.len() == 2 {
            return self.align(built, &[t, s]);
        }
        let order = [heads, &[t, s]].concat();
        let built = self.align(built, &order)?;
        if heads.len() == 1 {
            return Some(built);
        }
        let mut extents = vec![self.joint(heads)?];
        extents.extend(self.extents(&[t, s])?);
        self.reshape(built, extents, order)
    }

    /// `[t, s]` of a mask that has no other axes.
    fn shared(&mut self, mask: Built, t: Label, s: Label) -> Option<Built> {
        match mask.axes.len() {
            2 => self.align(mask, &[t, s]),
            _ => self.broadcast(mask, vec![t, s]),
        }
    }

    /// The mask before it is spread over heads, if the term that it is bound to says that it is.
    fn unspread(&self, built: &Built, keep: &[Label; 2]) -> Option<Built> {
        let Kid::Class(class) = built.kid else { return None };
        let term = self.graph.id_to_node(class);
        if !is_spread_mask(self.graph, term) {
            return None;
        }
        let axes = self.graph.analysis.notebook.axes(self.graph[term.kids[1]].data.what)?;
        let label = |letter: &u8| {
            let at = axes.result.iter().position(|own| own == letter)?;
            built.axes.get(at).copied()
        };
        let labels: Vec<Label> = axes.operands[0].iter().map(label).collect::<Option<_>>()?;
        let is_rest = labels.iter().all(|own| keep.contains(own));
        is_rest.then(|| Built { kid: Kid::Class(term.kids[0]), axes: labels })
    }
}
