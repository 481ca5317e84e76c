//! What is submitted: real indicators, with repeats, rejects and blank lines among them.

use std::fs;
use std::io::Write;

use aggregator_testkit::data_dir;

/// One line in so many repeats an earlier one, written otherwise.
const REPEAT_EVERY: usize = 50;

/// One line in so many is no indicator.
const REJECT_EVERY: usize = 97;

/// One line in so many is blank.
const BLANK_EVERY: usize = 499;

/// Values made up where the real list is absent.
const MADE_UP: usize = 100_000;

/// A stock of values.
pub(crate) struct Material {
    values: Vec<String>,
}

impl Material {
    /// The real bulk list, or made-up values, said loudly.
    pub(crate) fn load() -> Self {
        let real = data_dir().map(|folder| folder.join("bulk/mixed-shared.tsv"));
        let values = real.as_ref().and_then(|file| fs::read_to_string(file).ok()).map(|text| {
            text.lines().filter_map(|line| Some(line.split_once('\t')?.1.to_owned())).collect::<Vec<_>>()
        });
        let values = values.unwrap_or_else(|| {
            // A test whose stderr is closed has nobody to tell.
            let _ = writeln!(
                std::io::stderr(),
                "!!! the bulk list is absent: chaos runs on {MADE_UP} made-up values"
            );
            (0..MADE_UP).map(made_up).collect()
        });
        assert!(!values.is_empty(), "the bulk list holds no value");
        Self { values }
    }

    /// The lines of one submission. Two in a row share half of their values, so that they meet at the same indicators.
    pub(crate) fn lines(&self, number: usize, count: usize) -> Vec<String> {
        let first = number * count / 2;
        let mut lines = Vec::with_capacity(count);
        for at in 0..count {
            let line = match at + 1 {
                n if n.is_multiple_of(BLANK_EVERY) => String::new(),
                n if n.is_multiple_of(REJECT_EVERY) => format!("line {n} is no indicator at all"),
                n if n.is_multiple_of(REPEAT_EVERY) => self.value(first + at / 2).replacen('.', "[.]", 1),
                _ => self.value(first + at).to_owned(),
            };
            lines.push(line);
        }
        lines
    }

    /// Every value.
    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(String::as_str)
    }

    fn value(&self, at: usize) -> &str {
        &self.values[at % self.values.len()]
    }
}

fn made_up(number: usize) -> String {
    match number % 3 {
        0 => format!("host-{number}.example-{}.com", number % 1_000),
        1 => format!("192.{}.{}.{}", number % 251, number / 251 % 251, number % 7),
        _ => format!("{number:064x}"),
    }
}
