//! The indicators inside a text.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Kind, KindCount, ParsedIndicator};

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TextFormat {
    /// As it stands.
    #[default]
    Text,
    /// HTML: the text and the link attributes are read, comments, scripts and styles are not.
    Html,
}

/// A text to find indicators in.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "The dropper calls 192[.]0[.]2[.]1:8080.", "format": "text"}))]
pub struct ExtractRequest {
    /// The text. With everything around it at most 1 MiB.
    pub text: String,
    /// How it is written; `text` when absent.
    #[serde(default)]
    pub format: TextFormat,
}

/// The indicators of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!(Extraction::example()))]
pub struct Extraction {
    /// Each place where one stands, in the order of the text; the same indicator may stand in several.
    pub indicators: Vec<FoundIndicator>,
    /// Distinct indicators by kind, in the order of kinds; kinds without any are left out.
    pub counts: Vec<KindCount>,
}

impl Extraction {
    /// An answer for the document's examples.
    pub fn example() -> Self {
        let raw = "192[.]0[.]2[.]1:8080".to_owned();
        let found =
            FoundIndicator { start: 18, end: 18 + raw.len(), raw, indicator: ParsedIndicator::example() };
        Self { indicators: vec![found], counts: vec![KindCount { kind: Kind::Ipv4, count: 1 }] }
    }

    /// Counts what was found.
    pub fn of(indicators: Vec<FoundIndicator>) -> Self {
        let distinct: std::collections::BTreeSet<(Kind, &str)> =
            indicators.iter().map(|found| (found.indicator.kind, found.indicator.id.as_str())).collect();
        let mut counts: Vec<KindCount> = Vec::new();
        for (kind, _) in distinct {
            match counts.last_mut().filter(|last| last.kind == kind) {
                Some(last) => last.count += 1,
                None => counts.push(KindCount { kind, count: 1 }),
            }
        }
        Self { indicators, counts }
    }
}

/// One place of a text where an indicator stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FoundIndicator {
    /// Where it starts: bytes from the start of the text (of `text`, inside JSON) in UTF-8.
    #[schema(example = 18)]
    pub start: usize,
    /// Where it ends, exclusive: bytes from the start of the text in UTF-8.
    #[schema(example = 38)]
    pub end: usize,
    /// The characters standing there.
    #[schema(example = "192[.]0[.]2[.]1:8080")]
    pub raw: String,
    /// What they mean.
    pub indicator: ParsedIndicator,
}
