//! The real binary, through its arguments, its pipes and its exit code.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the answer")]

mod compose;
mod doctor;
mod extract;
mod feeds;
mod guide;
mod kinds;
mod lookup;
mod operations;
mod serving;
mod settings;
mod shell;
mod sources;

use std::io::{Read, Write};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The binary, with nothing of the caller's environment in it.
fn aggregator(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aggregator"));
    command.args(arguments).env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(arguments: &[&str]) -> Output {
    aggregator(arguments).output().unwrap()
}

fn run_with_stdin(arguments: &[&str], stdin: &[u8]) -> Output {
    let mut child = aggregator(arguments).stdin(Stdio::piped()).spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let stdin = stdin.to_vec();
    // On a thread of its own: the child answers before it has read everything.
    let writer = std::thread::spawn(move || pipe.write_all(&stdin));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    output
}

/// Runs a command whose reader goes away after the first byte, and tells how it ended.
fn run_into_closing_pipe(arguments: &[&str], stdin: &[u8]) -> Output {
    let mut child = aggregator(arguments).stdin(Stdio::piped()).spawn().unwrap();
    let (mut pipe, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let stdin = stdin.to_vec();
    // The child may go before it has read everything: that is what is tested.
    let writer = std::thread::spawn(move || drop(pipe.write_all(&stdin)));
    stdout.read_exact(&mut [0]).unwrap();
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

fn lines(output: &Output) -> Vec<Value> {
    String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
