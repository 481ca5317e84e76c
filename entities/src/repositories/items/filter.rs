//! Which items to show: as a condition for rows, and as a test for items that are not rows yet.

use aggregator_domain::state::ItemState;
use aggregator_domain::{Indicator, IndicatorId, Kind, Stance};
use sea_orm::Value;

use crate::tables::indicator::bind_id;

/// A filter on the indicator's text. Never infix: each form has an index or a cheap test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextFilter {
    /// Exactly one of these indicators: the readings of a value.
    Identities(Vec<IndicatorId>),
    /// The canonical value begins with this.
    Prefix(String),
    /// A domain, or the domain of an e-mail address, is this or a subdomain of it.
    DomainSuffix(String),
}

/// Which items to show.
#[derive(Debug, Clone, Default)]
pub struct ItemFilter {
    /// Only of this kind.
    pub kind: Option<Kind>,
    /// Only judged so.
    pub stance: Option<Stance>,
    /// Only in this state.
    pub state: Option<ItemState>,
    /// Only with a current finding `found` of the source with this slug.
    pub source: Option<String>,
    /// Only matching this text.
    pub text: Option<TextFilter>,
}

impl ItemFilter {
    /// True when items that are not rows can match: they have no findings, and of a dead chunk the verdict *unknown*.
    pub fn admits_waiting(&self) -> bool {
        self.stance.is_none_or(|stance| stance == Stance::Unknown)
            && self.source.is_none()
            && self.state != Some(ItemState::LookingUp)
    }

    /// True when only items that are done can match.
    pub(super) fn only_done(&self) -> bool {
        self.stance.is_some() || self.state == Some(ItemState::Done)
    }

    /// Items one page looks at before it is given as it is: what they cost differs with what has to be read of each.
    pub(super) fn effort(&self) -> i32 {
        match (&self.text, &self.source) {
            (Some(_), _) => 4_000,
            (None, Some(_)) => 2_000,
            (None, None) => 100_000,
        }
    }

    /// True when an item that is not a row yet matches.
    pub(super) fn takes_waiting(&self, indicator: &Indicator, state: ItemState) -> bool {
        self.kind.is_none_or(|kind| kind == indicator.kind())
            && self.state.is_none_or(|wanted| wanted == state)
            && self.text.as_ref().is_none_or(|text| text.takes(indicator))
    }

    /// The condition on `items i` and `indicators x`, each part with a leading ` AND `; what it binds goes to `binds`.
    pub(super) fn condition(&self, binds: &mut Vec<Value>) -> String {
        let mut condition = String::new();
        let mut add = |text: &str, value: Value| {
            binds.push(value);
            condition.push_str(" AND ");
            condition.push_str(&text.replace('?', &format!("${}", binds.len())));
        };
        if let Some(kind) = self.kind {
            add("i.kind = ?", i16::from(kind.code()).into());
        }
        if let Some(stance) = self.stance {
            // A constant for the partial index on verdicts other than unknown.
            let text =
                if stance == Stance::Unknown { "i.stance = ?" } else { "i.stance <> 0 AND i.stance = ?" };
            add(text, i16::from(stance.code()).into());
        }
        if let Some(state) = self.state {
            add("i.state = ?", i16::from(state.code()).into());
        }
        if let Some(source) = &self.source {
            add(
                "EXISTS (SELECT 1 FROM findings f JOIN sources s ON s.id = f.source_id
                    WHERE f.indicator_id = i.indicator_id AND f.superseded_at IS NULL AND f.outcome = 1 AND s.slug = ?)",
                source.as_str().into(),
            );
        }
        if let Some(text) = &self.text {
            condition.push_str(" AND ");
            condition.push_str(&text.condition(binds));
        }
        condition
    }
}

impl TextFilter {
    fn takes(&self, indicator: &Indicator) -> bool {
        let value = indicator.value();
        match self {
            Self::Identities(ids) => ids.contains(&indicator.id()),
            Self::Prefix(prefix) => value.starts_with(prefix.as_str()),
            Self::DomainSuffix(domain) => {
                matches!(indicator.kind(), Kind::Domain | Kind::Email)
                    && value
                        .strip_suffix(domain.as_str())
                        .is_some_and(|head| head.is_empty() || head.ends_with(['.', '@']))
            }
        }
    }

    fn condition(&self, binds: &mut Vec<Value>) -> String {
        let mut place = |value: Value| {
            binds.push(value);
            format!("${}", binds.len())
        };
        match self {
            // No reading at all: nothing can match.
            Self::Identities(ids) if ids.is_empty() => "1 = 0".to_owned(),
            Self::Identities(ids) => {
                let places: Vec<String> = ids.iter().map(|id| place(bind_id(*id).into())).collect();
                format!("i.indicator_id IN ({})", places.join(", "))
            }
            Self::Prefix(prefix) => {
                let length = i64::try_from(prefix.chars().count()).unwrap_or(i64::MAX);
                let (length, prefix) = (place(length.into()), place(prefix.as_str().into()));
                format!("substr(x.value, 1, CAST({length} AS INTEGER)) = {prefix}")
            }
            Self::DomainSuffix(domain) => {
                let escaped = escape_like(domain);
                let (itself, below, mail) = (
                    place(domain.as_str().into()),
                    place(format!("%.{escaped}").into()),
                    place(format!("%@{escaped}").into()),
                );
                format!(
                    "i.kind IN (5, 7) AND (x.value = {itself} OR x.value LIKE {below} ESCAPE '\\'
                        OR x.value LIKE {mail} ESCAPE '\\')"
                )
            }
        }
    }
}

/// Takes the meaning from the wildcards of `LIKE … ESCAPE '\'`.
pub(crate) fn escape_like(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}
