//! From query parameters to a filter and its pages.

use aggregator_entities::domain::KindName;
use aggregator_entities::ids::SubmissionId;
use aggregator_entities::repositories::items::ItemFilter;
use aggregator_openapi::{ListItemsParameters, ProblemId};

use crate::State;
use crate::failure::Failure;
use crate::input::{AskedText, Walks, plain};

/// The items somebody asked for.
pub(super) struct AskedItems {
    pub(super) filter: ItemFilter,
    /// The page of them, and the way to the next.
    pub(super) pages: Walks<i32>,
}

impl AskedItems {
    pub(super) fn of(
        id: SubmissionId,
        parameters: &ListItemsParameters,
        state: &State,
    ) -> Result<Self, Failure> {
        let kind = state.asked_kind(parameters.kind.as_ref())?;
        let text = AskedText {
            value: parameters.value.as_deref(),
            prefix: parameters.prefix.as_deref(),
            domain: parameters.domain.as_deref(),
        };
        let filter = ItemFilter {
            kind: kind.as_ref().map(KindName::kind),
            stance: parameters.verdict.map(Into::into),
            state: parameters.state.map(Into::into),
            source: parameters.source.as_deref().map(|source| plain("source", source)).transpose()?,
            text: text.filter(kind.as_ref(), &state.kinds())?,
        };
        let from = parameters.from;
        if let Some(from @ ..0) = from {
            let detail = format!("`from` is {from}; ordinals begin at 0");
            return Err(Failure::new(ProblemId::InvalidParameter, detail));
        }
        let mut pages = Walks::of("items", parameters.part(), &(id, &filter, from))?;
        // The first page begins behind the ordinal before `from`, as the list runs.
        let step = if pages.walk.descending { 1 } else { -1 };
        pages.walk.after = pages.walk.after.or(from.map(|from| from.saturating_add(step)));
        Ok(Self { filter, pages })
    }
}
