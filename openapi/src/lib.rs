//! The contract: what goes over the wire, as types with a schema, and every problem a client can meet.
//!
//! DTOs are apart from the domain's types, so that a change in one is a decision in the other; `From` joins them.
//! Nothing here knows HTTP beyond a status number. The document itself comes out of the router in `aggregator-api`.

pub mod dead_letter;
pub mod detect;
pub mod event;
pub mod extract;
pub mod facts;
pub mod feed;
pub mod finding;
pub mod headers;
pub mod health;
pub mod ignore_entry;
pub mod ignore_list;
pub mod indicator;
pub mod item;
pub mod kind;
pub mod known_indicator;
pub mod listing;
pub mod lookup;
pub mod lookup_details;
pub mod new_feed;
pub mod new_source;
pub mod page;
pub mod playbook;
pub mod problem;
pub mod provider;
pub mod queue;
pub mod setting;
pub mod source;
pub mod source_test;
pub mod stats;
pub mod submission;
pub mod submission_list;
pub mod task;
pub mod verdict;
pub mod words;
pub mod worker;

pub use dead_letter::{
    DeadLetter, DeadLetterPage, DeadLettersMoved, DeadLettersParameters, ListDeadLettersParameters,
};
pub use detect::{DetectParameters, DetectRequest, DetectedValue, DetectedValues, Detection, Reject};
pub use event::SubmissionEvent;
pub use extract::{ExtractRequest, Extraction, FoundIndicator, TextFormat};
pub use facts::{IndicatorFacts, Namespace, SpecialRange};
pub use feed::{Feed, FeedPage, FeedRun, FeedRunState, ListFeedsParameters, ReplaceFeed};
pub use finding::{Finding, Outcome};
pub use headers::{IdempotencyKeyHeader, LastEventIdHeader};
pub use health::{CheckStatus, Liveness, LivenessStatus, Readiness, ReadinessCheck, ReadinessStatus};
pub use ignore_entry::{
    EntryMode, EntryReject, EntrySort, IgnoreEntries, IgnoreEntry, IgnoreEntryPage, ImportedEntries,
    ListEntriesParameters, NewIgnoreEntry, RejectedEntry,
};
pub use ignore_list::{
    CreateIgnoreList, IgnoreAction, IgnoreList, IgnoreListPage, ListIgnoreListsParameters, ReplaceIgnoreList,
};
pub use indicator::{Kind, KindCount, ParsedIndicator};
pub use item::{Item, ItemContext, ItemDetails, ItemPage, ItemState, ListItemsParameters, OrdinalSort};
pub use kind::{CreateKind, IndicatorKind, KindPage, ListKindsParameters, Normalise, ReplaceKind};
pub use known_indicator::{
    HistoryParameters, IndicatorDetails, IndicatorPage, IndicatorSort, KnownIndicator,
    ListIndicatorsParameters, Sighting, SightingPage,
};
pub use listing::ListSort;
pub use lookup::{Lookup, LookupState};
pub use lookup_details::{ListLookupsParameters, LookupDetails, LookupPage, LookupSort, LookupTiming};
pub use new_feed::{CreateFeed, FeedPreset, FeedPresetList, NewDefinition, PresetDefinition, TomlDefinition};
pub use new_source::CreateSource;
pub use page::{CreatedSort, EventsParameters};
pub use playbook::{
    CreatePlaybook, FollowRule, ListPlaybooksParameters, Playbook, PlaybookPage, PlaybookSources, Relation,
    ReplacePlaybook,
};
pub use problem::{Problem, ProblemDescription, ProblemDescriptions, ProblemId};
pub use provider::{CreateProvider, ListProvidersParameters, Provider, ProviderPage, ReplaceProvider};
pub use queue::{
    HoldReason, LimitRoom, ListSourceQueuesParameters, Queue, QueueDepth, QueueList, QueueWindow, SourceHold,
    SourceQueue, SourceQueueList, SourceQueueSort, UnitCounts,
};
pub use setting::{ReplaceSetting, Setting, SettingList, SettingOrigin, SettingType, SettingValue};
pub use source::{
    ListSourcesParameters, ReplaceSource, Source, SourceKind, SourceLimit, SourcePage, SourceState,
};
pub use source_test::{SourceTest, TestLink, TestSource};
pub use stats::{LatencyClass, OutcomeCount, SourceLatency, SourceStats, Stats, StatsParameters, StatsRange};
pub use submission::{
    CreateSubmission, CreateSubmissionParameters, IndicatorOfKind, Submission, SubmissionState,
    SubmittedIndicator, TextMode, Tlp, VerdictCounts,
};
pub use submission_list::{
    KindFacet, LineSort, ListRejectsParameters, ListSubmissionsParameters, RejectPage, RejectedLine,
    SubmissionFacets, SubmissionPage,
};
pub use task::{ListTasksParameters, Task, TaskPage};
pub use verdict::{Stance, Verdict, VerdictReason};
pub use words::{KindName, KindSlug, Name, Slug};
pub use worker::{ListWorkersParameters, Worker, WorkerList, WorkerSort};
