// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Builds what only moves elements: regroupings, cuts and joins.

use crate::axes::Label;
use crate::instantiate::{Builder, Built, Kid};
use crate::labels::read_as;
use crate::pattern::{Pattern, TermPattern};
use crate::vocabulary::Form;

impl Builder<'_> {
    pub(crate) fn reshape(
        &mut self,
        built: Built,
        extents: Vec<u32>,
        axes: Vec<Label>,
    ) -> Option<Built> {
        let facts = self.facts(built.kid);
        let notebook = &self.graph.analysis.notebook;
        if notebook.extents(facts.what)?[..] == extents[..] {
            return Some(Built { kid: built.kid, axes });
        }
        let element = notebook.element(facts.what);
        let ty = self.graph.analysis.oracle.make_tensor(&extents, element);
        let ty = self.property(ty)?;
        let kid = self.push(self.head("reshape"), vec![built.kid, ty])?;
        Some(Built { kid, axes })
    }

    pub(crate) fn regrouped(&mut self, term: &TermPattern, element: u32) -> Option<Built> {
        let x = self.operand(term, 0, None, element)?;
        let mut order = x.axes.clone();
        let mut axes = x.axes.clone();
        for group in term.groups.iter().filter(|group| !group.is_same) {
            let (before, after) = (self.labels(&group.before)?, self.labels(&group.after)?);
            if !is_run(&order, &before) {
                order = self.labels(&term.strings.operands[0])?;
                axes = order.clone();
                return self.regrouped_in_order(term, x, order, axes);
            }
            replace(&mut axes, &before, &after);
        }
        self.finish_regrouping(term, x, order, axes)
    }

    /// With the operand's axes in the order of the law.
    fn regrouped_in_order(
        &mut self,
        term: &TermPattern,
        x: Built,
        order: Vec<Label>,
        mut axes: Vec<Label>,
    ) -> Option<Built> {
        for group in term.groups.iter().filter(|group| !group.is_same) {
            let (before, after) = (self.labels(&group.before)?, self.labels(&group.after)?);
            replace(&mut axes, &before, &after);
        }
        self.finish_regrouping(term, x, order, axes)
    }

    fn finish_regrouping(
        &mut self,
        term: &TermPattern,
        x: Built,
        order: Vec<Label>,
        axes: Vec<Label>,
    ) -> Option<Built> {
        let x = self.align(x, &order)?;
        let axes = read_as(&axes, &term.strings.operands[0], &same_letters(term));
        let extents = self.extents(&axes)?;
        self.reshape(x, extents, axes)
    }

    pub(crate) fn cut(
        &mut self,
        term: &TermPattern,
        head: u32,
        want: Option<&[Label]>,
        element: u32,
    ) -> Option<Built> {
        let (own, result) = (&term.strings.operands[0], &term.strings.result);
        let before = *own.iter().find(|letter| !result.contains(letter))?;
        let after = *result.iter().find(|letter| !own.contains(letter))?;
        let want = want.map(|want| read_as(want, &[after], &[before]));
        let x = self.operand(term, 0, want.as_deref(), element)?;
        let axis = x.axes.iter().position(|label| label.letter == before)?;
        let axes = read_as(&x.axes, &[before], &[after]);
        let offset = self.integer(term.size.as_ref()?)?;
        let number = |letter: usize| {
            let label = Label { letter, at: 0 };
            self.graph.analysis.notebook.integer(self.extent(&label)?)
        };
        let properties = match term.form {
            Form::Slice => {
                // A sibling is cut out of more than the law's left side knows.
                if offset == 0 && self.extent(&x.axes[axis]) == self.extent(&axes[axis]) {
                    return Some(Built { kid: x.kid, axes });
                }
                [axis as i64, offset, number(after)?]
            }
            _ => [axis as i64, number(after)? - number(before)? - offset, offset],
        };
        let mut kids = vec![x.kid];
        for value in properties {
            let value = self.graph.analysis.oracle.make_integer(value);
            kids.push(self.property(value)?);
        }
        Some(Built { kid: self.push(head, kids)?, axes })
    }

    pub(crate) fn concat(
        &mut self,
        term: &TermPattern,
        head: u32,
        want: Option<&[Label]>,
        element: u32,
    ) -> Option<Built> {
        let result = &term.strings.result;
        let whole = *result.iter().find(|letter| !term.strings.operands[0].contains(letter))?;
        let mut want = want.map(<[Label]>::to_vec);
        let mut kids = vec![];
        for at in 0..term.kids.len() {
            let own = &term.strings.operands[at];
            let part = *own.iter().find(|letter| !result.contains(letter))?;
            if let Pattern::Each(var) = &term.kids[at] {
                let axes = read_as(&self.found.axes[*var], &self.law.vars[*var].letters, own);
                want = Some(read_as(&axes, &[part], &[whole]));
                kids.extend(self.siblings.of(*var).map(Kid::Class));
                continue;
            }
            let translated = want.as_ref().map(|want| read_as(want, &[whole], &[part]));
            let mut built = self.operand(term, at, translated.as_deref(), element)?;
            if let (Some(translated), true) = (&translated, at > 0) {
                built = self.align(built, translated)?;
            }
            want = Some(read_as(&built.axes, &[part], &[whole]));
            kids.push(built.kid);
        }
        let axes = want?;
        let axis = axes.iter().position(|label| label.letter == whole)?;
        let axis = self.graph.analysis.oracle.make_integer(axis as i64);
        kids.push(self.property(axis)?);
        Some(Built { kid: self.push(head, kids)?, axes })
    }
}

/// The letters of the operand, where a regrouping keeps an axis those of the result.
fn same_letters(term: &TermPattern) -> Vec<usize> {
    let own = &term.strings.operands[0];
    let same = |letter: &usize| {
        let group = term.groups.iter().find(|group| group.is_same && group.before[0] == *letter);
        group.map_or(*letter, |group| group.after[0])
    };
    own.iter().map(same).collect()
}

/// True if `part` stands in `whole` as it is, side by side.
fn is_run(whole: &[Label], part: &[Label]) -> bool {
    part.is_empty() || whole.windows(part.len()).any(|window| window == part)
}

/// Puts `after` where `before` begins.
fn replace(axes: &mut Vec<Label>, before: &[Label], after: &[Label]) {
    let at = before.first().and_then(|first| axes.iter().position(|own| own == first));
    let at = at.unwrap_or(0);
    axes.splice(at..at + before.len(), after.iter().copied());
}
