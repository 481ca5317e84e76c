//! From query parameters to a filter and its cursors.

use aggregator_entities::ids::SubmissionId;
use aggregator_entities::repositories::items::ItemFilter;
use aggregator_openapi::ListItemsParameters;

use crate::failure::Failure;
use crate::input::{AskedText, Cursors, page_size, plain};

/// The items somebody asked for.
pub(super) struct AskedItems {
    pub(super) filter: ItemFilter,
    cursors: Cursors,
}

impl AskedItems {
    pub(super) fn of(id: SubmissionId, parameters: &ListItemsParameters) -> Result<Self, Failure> {
        let kind = parameters.kind.map(Into::into);
        let text = AskedText {
            value: parameters.value.as_deref(),
            prefix: parameters.prefix.as_deref(),
            domain: parameters.domain.as_deref(),
        };
        let filter = ItemFilter {
            kind,
            stance: parameters.verdict.map(Into::into),
            state: parameters.state.map(Into::into),
            source: parameters.source.as_deref().map(|source| plain("source", source)).transpose()?,
            text: text.filter(kind)?,
        };
        let cursors = Cursors::of("items", &(id, &filter));
        Ok(Self { filter, cursors })
    }

    /// How many items, after which ordinal.
    pub(super) fn page(&self, parameters: &ListItemsParameters) -> Result<(u32, i32), Failure> {
        let limit = page_size(parameters.limit, 100, 1_000)?;
        let after = match &parameters.cursor {
            Some(cursor) => i32::from_be_bytes(self.cursors.open(cursor)?),
            None => -1,
        };
        Ok((limit, after))
    }

    /// The cursor of the page after an ordinal.
    pub(super) fn cursor(&self, ordinal: i32) -> String {
        self.cursors.seal(ordinal.to_be_bytes())
    }
}
