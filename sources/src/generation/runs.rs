//! Sorting more records than memory should hold: sorted runs, spilled and merged.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use super::builder::BuildError;
use super::record::Record;

/// Records not yet spilled, and the runs that were.
pub(super) struct Runs {
    arena: Vec<u8>,
    /// First bytes of the key, and where the record begins.
    index: Vec<(u64, u32)>,
    budget: usize,
    spilled: Vec<File>,
}

impl Runs {
    /// Spills a sorted run whenever more than `budget` bytes are held.
    pub(super) fn new(budget: usize) -> Self {
        let budget = budget.clamp(1 << 16, 1 << 31);
        Self { arena: Vec::new(), index: Vec::new(), budget, spilled: Vec::new() }
    }

    /// Takes the record that `append` writes; nothing is taken when it writes nothing.
    pub(super) fn push(&mut self, append: impl FnOnce(&mut Vec<u8>)) -> Result<(), BuildError> {
        let start = self.arena.len();
        append(&mut self.arena);
        let Some(record) = Record::at(&self.arena[start..]) else { return Ok(()) };
        let offset = u32::try_from(start).or(Err(BuildError::TooLarge))?;
        self.index.push((record.prefix(), offset));
        if self.arena.len() + self.index.len() * 16 > self.budget {
            self.spill()?;
        }
        Ok(())
    }

    fn sort(&mut self) {
        let arena = &self.arena;
        let record = |offset: u32| Record::at(&arena[offset as usize..]);
        self.index.sort_unstable_by(|a, b| {
            a.0.cmp(&b.0).then_with(|| match (record(a.1), record(b.1)) {
                (Some(a), Some(b)) => a.order(b),
                (a, b) => a.is_some().cmp(&b.is_some()),
            })
        });
    }

    fn spill(&mut self) -> Result<(), BuildError> {
        self.sort();
        let mut file = BufWriter::with_capacity(256 << 10, tempfile::tempfile()?);
        for (_, offset) in self.index.drain(..) {
            if let Some(record) = Record::at(&self.arena[offset as usize..]) {
                file.write_all(record.bytes())?;
            }
        }
        self.arena.clear();
        let mut file = file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        self.spilled.push(file);
        Ok(())
    }

    /// Calls `each` once for every distinct key in order; how many records were dropped as duplicates.
    pub(super) fn merge(
        mut self,
        each: &mut dyn FnMut(Record<'_>) -> Result<(), BuildError>,
    ) -> Result<u64, BuildError> {
        self.sort();
        let mut last = Last::default();
        if self.spilled.is_empty() {
            for (_, offset) in &self.index {
                if let Some(record) = Record::at(&self.arena[*offset as usize..]) {
                    last.pass(record, each)?;
                }
            }
            return Ok(last.duplicates);
        }
        if !self.index.is_empty() {
            self.spill()?;
        }
        self.arena = Vec::new();
        let mut heads = Vec::with_capacity(self.spilled.len());
        for file in self.spilled.drain(..) {
            let mut head = Head { file: BufReader::with_capacity(256 << 10, file), record: Vec::new() };
            if head.advance()? {
                heads.push(head);
            }
        }
        while let Some(at) = least(&heads) {
            if let Some(record) = Record::at(&heads[at].record) {
                last.pass(record, each)?;
            }
            if !heads[at].advance()? {
                heads.swap_remove(at);
            }
        }
        Ok(last.duplicates)
    }
}

/// The front of one spilled run.
struct Head {
    file: BufReader<File>,
    record: Vec<u8>,
}

impl Head {
    /// Reads the next record; false at the end of the run.
    fn advance(&mut self) -> Result<bool, BuildError> {
        let mut lengths = [0; 6];
        self.record.clear();
        if let Err(error) = self.file.read_exact(&mut lengths) {
            return match error.kind() {
                std::io::ErrorKind::UnexpectedEof => Ok(false),
                _ => Err(error.into()),
            };
        }
        let length = |at: usize| usize::from(u16::from_le_bytes([lengths[at], lengths[at + 1]]));
        let rest = 6 + length(0) + length(2) + length(4);
        self.record.extend_from_slice(&lengths);
        self.record.resize(6 + rest, 0);
        self.file.read_exact(&mut self.record[6..])?;
        Ok(true)
    }
}

fn least(heads: &[Head]) -> Option<usize> {
    (0..heads.len()).min_by(|a, b| match (Record::at(&heads[*a].record), Record::at(&heads[*b].record)) {
        (Some(a), Some(b)) => a.order(b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    })
}

/// The key passed on last, to drop its duplicates.
#[derive(Default)]
struct Last {
    key: Vec<u8>,
    duplicates: u64,
}

impl Last {
    fn pass(
        &mut self,
        record: Record<'_>,
        each: &mut dyn FnMut(Record<'_>) -> Result<(), BuildError>,
    ) -> Result<(), BuildError> {
        if !self.key.is_empty() && self.key == record.key() {
            self.duplicates += 1;
            return Ok(());
        }
        self.key.clear();
        self.key.extend_from_slice(record.key());
        each(record)
    }
}
