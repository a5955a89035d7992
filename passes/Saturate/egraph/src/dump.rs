// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! What extraction chooses from, as text: egraph-serialize's JSON, or dot.
//!
//! A class is `class.place`, a node one of its choices; a choice that only moves a
//! value to another place is called by the place that it comes from. A node that
//! was chosen for a root is marked.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use crate::choices::Table;
use crate::extract::Extraction;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Json,
    Dot,
}

pub fn dump(table: &Table, extraction: &Extraction, format: Format) -> String {
    match format {
        Format::Json => to_json(table, extraction),
        Format::Dot => to_dot(table, extraction),
    }
}

/// The options of finite terms that the roots may need.
fn options(table: &Table) -> Vec<(usize, usize)> {
    let all = &table.choices.options;
    let mut is_finite = vec![false; all.len()];
    let can = |kids: &[usize], is_finite: &[bool]| kids.iter().all(|kid| is_finite[*kid]);
    let mut is_new = true;
    while is_new {
        is_new = false;
        for (class, own) in all.iter().enumerate().filter(|(_, own)| !own.is_empty()) {
            if !is_finite[class] && own.iter().any(|choice| can(&choice.kids, &is_finite)) {
                (is_finite[class], is_new) = (true, true);
            }
        }
    }
    let (mut seen, mut found) = (vec![false; all.len()], vec![]);
    let mut stack = table.choices.roots.clone();
    while let Some(class) = stack.pop() {
        if std::mem::replace(&mut seen[class], true) {
            continue;
        }
        for (option, choice) in all[class].iter().enumerate() {
            if can(&choice.kids, &is_finite) {
                found.push((class, option));
                stack.extend(&choice.kids);
            }
        }
    }
    found.sort();
    found
}

fn to_json(table: &Table, extraction: &Extraction) -> String {
    let options = options(table);
    // egraph-serialize names a class by one of its nodes.
    let first = |class: usize| {
        let at = options.partition_point(|option| *option < (class, 0));
        format!("{class}.{}", options[at].1)
    };
    let mut nodes = Map::new();
    for &(class, option) in &options {
        let choice = &table.choices.options[class][option];
        let kids: Vec<String> = choice.kids.iter().map(|kid| first(*kid)).collect();
        nodes.insert(
            format!("{class}.{option}"),
            json!({
                "op": table.label(class, option),
                "children": kids,
                "eclass": table.name(class),
                "cost": choice.cost,
                "subsumed": false,
                "written": choice.is_written,
                "chosen": extraction.needed[class] && extraction.chosen[class] == option,
            }),
        );
    }
    let roots: Vec<Value> =
        table.choices.roots.iter().map(|root| Value::from(table.name(*root))).collect();
    let graph = json!({
        "nodes": nodes,
        "root_eclasses": roots,
        "class_data": {},
        "cost": extraction.cost,
        "bound": extraction.bound,
    });
    format!("{graph:#}\n")
}

fn to_dot(table: &Table, extraction: &Extraction) -> String {
    let mut text = String::from("digraph egraph {\n  compound=true\n  node [shape=box]\n");
    let options = options(table);
    for own in options.chunk_by(|a, b| a.0 == b.0) {
        let class = own[0].0;
        let _ = writeln!(text, "  subgraph cluster_{class} {{");
        let _ = writeln!(text, "    style=dotted label={:?}", table.name(class));
        for &(_, option) in own {
            let is_chosen = extraction.needed[class] && extraction.chosen[class] == option;
            let style = if is_chosen { " style=bold" } else { "" };
            let cost = table.choices.options[class][option].cost;
            let label = format!("{} {cost:.4e}", table.label(class, option));
            let _ = writeln!(text, "    n{class}_{option} [label={label:?}{style}]");
        }
        text.push_str("  }\n");
    }
    for &(class, option) in &options {
        for kid in &table.choices.options[class][option].kids {
            let at = options.partition_point(|option| *option < (*kid, 0));
            let (kid, first) = options[at];
            let _ = writeln!(text, "  n{class}_{option} -> n{kid}_{first} [lhead=cluster_{kid}]");
        }
    }
    text.push_str("}\n");
    text
}
