//! Ids of rows as types, so that two of them cannot be swapped.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

ids! {
    /// A submission.
    SubmissionId,
    /// A chunk of a submission.
    ChunkId,
    /// A task.
    TaskId,
    /// A lookup: one source asked about one indicator.
    LookupId,
    /// A source.
    SourceId,
    /// A feed.
    FeedId,
    /// One generation of a feed.
    GenerationId,
    /// An ignore list.
    IgnoreListId,
}
