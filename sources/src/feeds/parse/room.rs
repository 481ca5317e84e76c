//! How much of a body may be held at once: a row. A quote that is never closed, or an array without end, would else be one row as
//! long as the body.

use std::cell::Cell;
use std::io::{self, Read};

/// Most bytes of a row, and of a key on the way to one: as of a line of NDJSON.
const ROW_BYTES: u64 = 1 << 20;

/// What may still be read before the row ends; `None` while nothing is held.
#[derive(Debug, Default)]
pub(super) struct Room(Cell<Option<u64>>);

impl Room {
    /// A row begins.
    pub(super) fn open(&self) {
        self.0.set(Some(ROW_BYTES));
    }

    /// What comes is not held.
    pub(super) fn lift(&self) {
        self.0.set(None);
    }
}

/// A reader that ends with an error where there is no room. What a buffer before it has read ahead counts for the row after.
pub(super) struct Bounded<'r, R> {
    inner: R,
    room: &'r Room,
}

impl<'r, R> Bounded<'r, R> {
    pub(super) const fn new(inner: R, room: &'r Room) -> Self {
        Self { inner, room }
    }
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = self.room.0.get();
        if room == Some(0) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a row is longer than 1 MiB"));
        }
        let read = self.inner.read(buffer)?;
        self.room.0.set(room.map(|room| room.saturating_sub(u64::try_from(read).unwrap_or(u64::MAX))));
        Ok(read)
    }
}
