//! What one can listen to.

use std::fmt;

use crate::QueueName;

/// A topic of the doorbell.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Topic {
    /// A submission's rows changed; by its row id.
    Submission(i64),
    /// Rows of that queue became due: for its feeder.
    Queue(QueueName),
    /// Ids were pushed into that queue: for its workers. Rung by [`Queue::push`](crate::Queue::push).
    Ids(QueueName),
    /// The policy or an ignore list changed.
    Policy,
    /// A feed has a new generation.
    Feeds,
    /// A custom kind changed.
    Kinds,
    /// A setting was changed.
    Settings,
}

impl Topic {
    /// Reads the wire form; `None` for a topic of a newer version.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text.split_once(':') {
            Some(("submission", id)) => id.parse().ok().map(Self::Submission),
            Some(("queue", name)) => QueueName::parse(name).map(Self::Queue),
            Some(("ids", name)) => QueueName::parse(name).map(Self::Ids),
            None if text == "policy" => Some(Self::Policy),
            None if text == "feeds" => Some(Self::Feeds),
            None if text == "kinds" => Some(Self::Kinds),
            None if text == "settings" => Some(Self::Settings),
            _ => None,
        }
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Submission(id) => write!(formatter, "submission:{id}"),
            Self::Queue(name) => write!(formatter, "queue:{name}"),
            Self::Ids(name) => write!(formatter, "ids:{name}"),
            Self::Policy => formatter.write_str("policy"),
            Self::Feeds => formatter.write_str("feeds"),
            Self::Kinds => formatter.write_str("kinds"),
            Self::Settings => formatter.write_str("settings"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Topic;
    use crate::QueueName;

    #[test]
    fn every_topic_is_read_back() {
        let mut topics =
            vec![Topic::Submission(-5), Topic::Policy, Topic::Feeds, Topic::Kinds, Topic::Settings];
        topics.extend(QueueName::ALL.into_iter().flat_map(|name| [Topic::Queue(name), Topic::Ids(name)]));
        for topic in topics {
            assert_eq!(Topic::parse(&topic.to_string()), Some(topic));
        }
    }

    #[test]
    fn an_unknown_topic_is_nothing() {
        for text in ["", "policies", "queue:", "queue:mail", "submission:x", "submission"] {
            assert_eq!(Topic::parse(text), None, "{text}");
        }
    }
}
