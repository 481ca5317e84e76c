//! The queues there are: fixed when a process starts, one apalis worker each.

use std::fmt;

/// One of the fixed queues; the interactive twin carries what a person waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum QueueName {
    /// Chunks to screen against local intelligence.
    Screen,
    /// Chunks of small submissions somebody waits for.
    ScreenInteractive,
    /// Lookups at remote sources.
    Lookup,
    /// Lookups somebody waits for.
    LookupInteractive,
    /// Everything else: task rows.
    Task,
}

impl QueueName {
    /// Every queue, in the order a page should show them.
    pub const ALL: [Self; 5] =
        [Self::ScreenInteractive, Self::Screen, Self::LookupInteractive, Self::Lookup, Self::Task];

    /// The name on the wire, in metrics and on pages, e.g. `lookup:interactive`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Screen => "screen",
            Self::ScreenInteractive => "screen:interactive",
            Self::Lookup => "lookup",
            Self::LookupInteractive => "lookup:interactive",
            Self::Task => "task",
        }
    }

    /// The queue of that name, `None` when there is no such queue.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|queue| queue.as_str() == name)
    }
}

impl fmt::Display for QueueName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
