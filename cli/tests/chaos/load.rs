//! The load: clients that submit, one submission after the other, and repeat with the same key until they are answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::client::{Answer, Client};
use crate::ledger::{Entry, Ledger};
use crate::material::Material;
use crate::scale::Scale;

/// Submissions of one client that are not yet done.
const OPEN_PER_CLIENT: usize = 2;

/// Pause of a client that waits for one of its submissions to end.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Running clients and the ledger they write.
pub(crate) struct Load {
    ledger: Ledger,
    stopped: Arc<AtomicBool>,
    shared: Arc<Shared>,
    clients: Vec<JoinHandle<()>>,
}

struct Shared {
    material: Material,
    next: AtomicUsize,
    repeated: AtomicUsize,
    lines: usize,
    hang: Duration,
}

/// What the clients went through.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Endured {
    /// Requests sent again because there was no answer or not yet one.
    pub(crate) repeated: usize,
}

impl Load {
    /// Starts the clients.
    pub(crate) fn start(client: &Client, scale: &Scale) -> Self {
        let shared = Arc::new(Shared {
            material: Material::load(),
            next: AtomicUsize::new(0),
            repeated: AtomicUsize::new(0),
            lines: scale.lines,
            hang: scale.hang(),
        });
        let mut load =
            Self { ledger: Ledger::default(), stopped: Arc::default(), shared, clients: Vec::new() };
        for _ in 0..scale.clients {
            let (client, ledger) = (client.clone(), load.ledger.clone());
            let (stopped, shared) = (Arc::clone(&load.stopped), Arc::clone(&load.shared));
            load.clients.push(thread::spawn(move || submit_on(&client, &ledger, &stopped, &shared)));
        }
        load
    }

    /// Submissions accepted so far.
    pub(crate) fn accepted(&self) -> usize {
        self.ledger.len()
    }

    /// Lets every client have its last answer, and hands out what was accepted.
    pub(crate) fn finish(mut self) -> (Ledger, Endured) {
        self.stopped.store(true, Ordering::Relaxed);
        for client in std::mem::take(&mut self.clients) {
            if let Err(panic) = client.join() {
                std::panic::resume_unwind(panic);
            }
        }
        (self.ledger.clone(), Endured { repeated: self.shared.repeated.load(Ordering::Relaxed) })
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
    }
}

fn submit_on(client: &Client, ledger: &Ledger, stopped: &AtomicBool, shared: &Shared) {
    let mut open = Vec::new();
    while !stopped.load(Ordering::Relaxed) {
        let number = shared.next.fetch_add(1, Ordering::Relaxed);
        let lines = shared.material.lines(number, shared.lines);
        open.push(submit(client, ledger, &format!("chaos-{number}"), (lines, shared)));
        while open.len() >= OPEN_PER_CLIENT && !stopped.load(Ordering::Relaxed) {
            open.retain(|id| !is_done(client, *id));
            thread::sleep(LOOK_EVERY);
        }
    }
}

/// One submission, repeated until it is answered.
fn submit(client: &Client, ledger: &Ledger, key: &str, (lines, shared): (Vec<String>, &Shared)) -> i64 {
    let body = lines.join("\n");
    let deadline = Instant::now() + shared.hang;
    loop {
        let pause = match client.submit(key, &body) {
            Answer::Accepted(id) => {
                ledger.write(Entry { id, key: key.to_owned(), lines: Arc::new(lines) });
                return id;
            }
            Answer::Later(_, pause) => pause,
            Answer::Lost(_) => LOOK_EVERY,
            Answer::Refused(status, text) => panic!("{key} was refused with {status}: {text}"),
        };
        shared.repeated.fetch_add(1, Ordering::Relaxed);
        assert!(Instant::now() < deadline, "{key} was not accepted within {:?}", shared.hang);
        thread::sleep(pause);
    }
}

fn is_done(client: &Client, id: i64) -> bool {
    client.get(&format!("/api/v1/submissions/{id}")).is_ok_and(|submission| submission["state"] == "done")
}

/// One submission outside the load, by a key of its own, written into a ledger.
pub(crate) fn submit_once(client: &Client, ledger: &Ledger, key: &str, lines: Vec<String>) -> i64 {
    match client.submit(key, &lines.join("\n")) {
        Answer::Accepted(id) => {
            ledger.write(Entry { id, key: key.to_owned(), lines: Arc::new(lines) });
            id
        }
        other => panic!("{key} was not accepted: {other:?}"),
    }
}
