//! The settings of a running process: read once, looked at often, replaced when rows change.

use std::fmt::Display;
use std::sync::Arc;

use tokio::sync::{Mutex, watch};

use super::changeable::{InForce, Row};
use super::{Origin, Settings};

/// The settings in force, with what rows change on a running system. Cheap to clone; every clone sees the same. A look costs a
/// lock nobody holds for longer than a look.
#[derive(Debug, Clone)]
pub struct LiveSettings {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// What file, environment and defaults say.
    base: Settings,
    now: watch::Sender<Arc<InForce>>,
    /// Held from before rows are read until they are in force, so that older ones never replace newer ones.
    reading: Mutex<()>,
}

impl From<Settings> for LiveSettings {
    fn from(base: Settings) -> Self {
        let now = watch::Sender::new(Arc::new(base.with_rows(&[])));
        Self { inner: Arc::new(Inner { base, now, reading: Mutex::default() }) }
    }
}

impl LiveSettings {
    /// The settings in force.
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.inner.now.borrow().settings)
    }

    /// The settings in force, and what can be changed of them.
    pub fn now(&self) -> Arc<InForce> {
        Arc::clone(&self.inner.now.borrow())
    }

    /// Sees every change from now on.
    pub fn subscribe(&self) -> watch::Receiver<Arc<InForce>> {
        self.inner.now.subscribe()
    }

    /// Reads the rows and puts them in force. Where they cannot be read, what is in force stays. Damaged rows are told in the
    /// log, once for each fault.
    pub async fn reload<E>(
        &self,
        read: impl Future<Output = Result<Vec<Row>, E>>,
    ) -> Result<Arc<InForce>, E> {
        let _reading = self.inner.reading.lock().await;
        let read = Arc::new(self.inner.base.with_rows(&read.await?));
        let before = self.now();
        let known = before.faults();
        for fault in read.faults().iter().filter(|fault| !known.contains(fault)) {
            tracing::error!(
                fault,
                "a stored setting is left aside: correct it with PUT, or DELETE it, under /api/v1/settings"
            );
        }
        let is_new = before.changeable != read.changeable || before.strangers != read.strangers;
        if is_new {
            let changed =
                read.changeable.iter().zip(&before.changeable).filter(|(now, then)| now.value != then.value);
            for (setting, _) in changed {
                let stored = setting.origin == Origin::Database;
                tracing::info!(key = setting.key, value = %setting.value, stored, "a setting changed");
            }
            self.inner.now.send_replace(Arc::clone(&read));
        }
        Ok(self.now())
    }

    /// Reads the rows at once and after every ring, for ever.
    pub async fn follow<E: Display, R, B>(&self, read: impl Fn() -> R, ring: impl Fn() -> B)
    where
        R: Future<Output = Result<Vec<Row>, E>>,
        B: Future<Output = ()>,
    {
        let mut is_away = false;
        loop {
            match self.reload(read()).await {
                Ok(_) => is_away = false,
                Err(error) => {
                    if !is_away {
                        tracing::warn!(%error, "the stored settings cannot be read; those in force stay");
                    }
                    is_away = true;
                }
            }
            ring().await;
        }
    }
}
