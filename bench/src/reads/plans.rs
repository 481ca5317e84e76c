//! How PostgreSQL answers: its own account, written by `auto_explain` while the product asks.

use std::fs;

use anyhow::Context;

use super::ground::{DATABASE, Ground};
use super::questions::Question;

use crate::http;
use crate::options::Options;
use crate::progress::say;

/// Every plan of the database's sessions goes to the server's log, with what it really read.
const SWITCH_ON: [&str; 3] = [
    "ALTER DATABASE bench_reads SET session_preload_libraries = 'auto_explain'",
    "ALTER DATABASE bench_reads SET auto_explain.log_min_duration = 0",
    "ALTER DATABASE bench_reads SET auto_explain.log_analyze = on",
];

/// Tables whose reads are shown; the API looks at others on its own account.
const TABLES: [&str; 5] = ["items", "findings", "indicators", "chunks", "submissions"];

/// Asks one question of each kind, of a process that has answered before; what the server wrote about it.
pub(super) fn explain(
    options: &Options,
    ground: &mut Ground,
    questions: &[Question],
) -> anyhow::Result<Vec<(&'static str, String)>> {
    say("reads: explaining");
    for statement in SWITCH_ON {
        options.servers.sql(DATABASE, statement)?;
    }
    ground.start_again()?;
    let log = options.work.join("postgres/log");
    let read = || fs::read_to_string(&log).with_context(|| format!("cannot read {}", log.display()));
    let mut plans = Vec::new();
    for question in questions {
        let Some(path) = question.paths.last() else { continue };
        let before = read()?.len();
        http::get(ground.address(), path)?;
        let all = read()?;
        plans.push((question.what, plans_in(all.get(before..).unwrap_or_default())));
    }
    Ok(plans)
}

/// The plans of a part of the log, without the text of their statements.
fn plans_in(log: &str) -> String {
    let mut out = String::new();
    let mut plan = String::new();
    let mut is_head = true;
    let mut finish = |plan: &mut String| {
        if TABLES.iter().any(|table| plan.contains(&format!(" on {table} "))) {
            out.push_str(plan);
        }
        plan.clear();
    };
    for line in log.lines() {
        if let Some((_, duration)) = line.split_once("duration: ") {
            finish(&mut plan);
            plan.extend([duration, "\n"]);
            is_head = true;
        } else if let Some(line) = line.strip_prefix('\t') {
            // The statement's own lines come first; the plan begins with its first node.
            is_head &= !line.contains("(cost=");
            if !is_head {
                plan.extend(["  ", line, "\n"]);
            }
        }
    }
    finish(&mut plan);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_told_without_its_statement_and_without_those_of_others() {
        let log = "2026 LOG:  duration: 0.1 ms  plan:\n\tQuery Text: SELECT 1\n\tFROM items\n\tLimit  (cost=0..1)\n\t  ->  Index Scan using x on items i  (cost=0..1)\n\
            2026 LOG:  duration: 0.2 ms  plan:\n\tQuery Text: SELECT 2\n\tSeq Scan on workers w  (cost=0..1)\n";
        assert_eq!(
            plans_in(log),
            "0.1 ms  plan:\n  Limit  (cost=0..1)\n    ->  Index Scan using x on items i  (cost=0..1)\n"
        );
    }
}
