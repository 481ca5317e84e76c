//! Figures for people: on stderr always, in the tables of `docs/RELIABILITY.md` when `make chaos` asks for it.

use std::fs;
use std::io::Write;
use std::path::Path;

use crate::environment;
use crate::scale::Scale;

/// A table of the page: the lines between its two marks.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Table {
    /// What was measured, by scenario.
    Figures,
    /// What the checker said when a safety was off.
    Controls,
}

impl Table {
    fn marks(self) -> (&'static str, &'static str) {
        match self {
            Self::Figures => ("<!-- chaos:figures -->", "<!-- /chaos:figures -->"),
            Self::Controls => ("<!-- chaos:controls -->", "<!-- /chaos:controls -->"),
        }
    }
}

/// Says a row on stderr, and puts it into its table: the row with the same first cell is replaced, others stay.
pub(crate) fn write(table: Table, cells: &[&str]) {
    let row = format!("| {} |", cells.join(" | "));
    let form = if Scale::of_run().long { "long" } else { "short" };
    // A test whose stderr is closed has nobody to tell.
    let _ = writeln!(std::io::stderr(), "chaos ({form} form) {row}");
    if let Some(page) = environment::report() {
        put(&page, table, &row);
    }
}

fn put(page: &Path, table: Table, row: &str) {
    let text = fs::read_to_string(page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
    let (begin, end) = table.marks();
    let parts = text.split_once(begin).and_then(|(head, rest)| Some((head, rest.split_once(end)?)));
    let Some((head, (inside, tail))) = parts else { panic!("{} has no {begin} … {end}", page.display()) };
    let mut lines: Vec<&str> = inside.trim().lines().collect();
    let mut rows = lines.split_off(lines.len().min(2));
    rows.retain(|old| first_cell(old) != first_cell(row));
    rows.push(row);
    rows.sort_by_key(|row| first_cell(row).split(' ').next().and_then(|number| number.parse::<u32>().ok()));
    lines.extend(rows);
    let text = format!("{head}{begin}\n{}\n{end}{tail}", lines.join("\n"));
    fs::write(page, text).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
}

fn first_cell(row: &str) -> &str {
    row.split('|').nth(1).unwrap_or_default().trim()
}
