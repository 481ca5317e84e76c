//! Turning names into addresses. What comes out is not trusted: [`crate::policy`] looks at it on every call.

use std::collections::HashMap;
use std::fmt::Debug;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

/// How long an answer is used again.
const FRESH: Duration = Duration::from_secs(5);

/// Names whose answers are kept.
const KEPT: usize = 1024;

/// Questions put to the system at a time: each holds a thread until the system gives up.
const AT_A_TIME: usize = 64;

/// Every address of a name, in the order to try them.
pub type Resolving = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Something that knows the addresses of names.
pub trait Resolve: Debug + Send + Sync {
    /// Every address of this name, which has no dot at its end. Empty or an error: it has none.
    fn resolve(&self, name: &str) -> Resolving;
}

type Answers = HashMap<String, (Instant, Vec<IpAddr>)>;

/// The system's resolver, answers kept for 5 s.
#[derive(Debug, Clone)]
pub(crate) struct SystemResolver {
    answers: Arc<Mutex<Answers>>,
    turns: Arc<Semaphore>,
}

impl SystemResolver {
    pub(crate) fn new() -> Self {
        Self { answers: Arc::default(), turns: Arc::new(Semaphore::new(AT_A_TIME)) }
    }

    fn known(&self, name: &str) -> Option<Vec<IpAddr>> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.get(name).filter(|(at, _)| at.elapsed() < FRESH).map(|(_, addresses)| addresses.clone())
    }

    fn keep(&self, name: String, addresses: &[IpAddr]) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= KEPT {
            answers.retain(|_, (at, _)| at.elapsed() < FRESH);
        }
        if answers.len() < KEPT {
            answers.insert(name, (Instant::now(), addresses.to_vec()));
        }
    }

    async fn ask(self, name: String) -> io::Result<Vec<IpAddr>> {
        let _turn = self.turns.acquire().await.map_err(io::Error::other)?;
        let addresses: Vec<_> =
            tokio::net::lookup_host((name.as_str(), 0)).await?.map(|found| found.ip()).collect();
        self.keep(name, &addresses);
        Ok(addresses)
    }
}

impl Resolve for SystemResolver {
    fn resolve(&self, name: &str) -> Resolving {
        if let Some(addresses) = self.known(name) {
            return Box::pin(std::future::ready(Ok(addresses)));
        }
        let asking = self.clone().ask(name.to_owned());
        // A task of its own: a caller whose deadline passes does not give its turn back before the thread is free.
        Box::pin(async move { tokio::spawn(asking).await.map_err(io::Error::other)? })
    }
}
