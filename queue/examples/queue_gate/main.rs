//! The gate of docs/adr/0001-queue-backend.md: our backend and stock apalis-redis, measured and killed alike.
//!
//! `cargo run --release -p aggregator-queue --example queue_gate -- [latency|throughput|idle|chaos|all] [own|stock|both]`
//!
//! Starts Redis servers of its own on free ports; needs the program `redis-server` on the PATH.
#![expect(clippy::print_stdout, reason = "a report for a person is this program's purpose")]

mod chaos;
mod engine;
mod ledger;
mod measure;
mod redis_server;
mod stock;

use anyhow::{Context, bail};

use crate::engine::Engine;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |index: usize| arguments.get(index).map(String::as_str);
    match argument(0).unwrap_or("all") {
        // Roles of child processes.
        "worker" => {
            let [engine, queue_url, ledger_url] =
                [1, 2, 3].map(|index| argument(index).context("an argument is missing"));
            return chaos::worker(Engine::parse(engine?)?, queue_url?, ledger_url?).await;
        }
        "idler" => {
            let [engine, queue_url] = [1, 2].map(|index| argument(index).context("an argument is missing"));
            return measure::idler(Engine::parse(engine?)?, queue_url?).await;
        }
        what => {
            for engine in Engine::chosen(argument(1).unwrap_or("both"))? {
                report(what, engine).await?;
            }
        }
    }
    Ok(())
}

async fn report(what: &str, engine: Engine) -> anyhow::Result<()> {
    let all = what == "all";
    if !all && !["latency", "throughput", "idle", "chaos"].contains(&what) {
        bail!("unknown measurement {what}: latency, throughput, idle, chaos or all");
    }
    if all || what == "latency" {
        println!("{engine:?} latency: {}", measure::latency(engine).await?);
    }
    if all || what == "throughput" {
        println!("{engine:?} throughput: {}", measure::throughput(engine).await?);
    }
    if all || what == "idle" {
        println!("{engine:?} idle: {}", measure::idle(engine).await?);
    }
    if all || what == "chaos" {
        println!("{engine:?} chaos: {}", chaos::run(engine).await?);
    }
    Ok(())
}
