//! The bytes of an artifact or a database: mapped from their file, or owned.

use std::fs::File;
use std::ops::Deref;
use std::path::Path;

/// Bytes that stay where they are.
pub(crate) enum Bytes {
    /// A file, read by the kernel as it is touched.
    Mapped(memmap2::Mmap),
    /// Bytes in memory.
    Owned(Vec<u8>),
}

impl Bytes {
    /// Maps a file that nobody changes in place: it is written under another name and renamed.
    pub(crate) fn map(path: &Path) -> std::io::Result<Self> {
        let file = File::open(path)?;
        if file.metadata()?.len() == 0 {
            return Ok(Self::Owned(Vec::new()));
        }
        Ok(Self::Mapped(map_read_only(&file)?))
    }
}

#[expect(unsafe_code, reason = "mapping a file is the one way to hold 5 M entries outside anonymous memory")]
fn map_read_only(file: &File) -> std::io::Result<memmap2::Mmap> {
    // SAFETY: the mapping is read-only, and the file under it does not change: artifacts are content-addressed and only
    // ever renamed into place whole by `GenerationBuilder::finish_file`, databases are replaced by renaming (told at
    // `MmdbDatabase::open`). Removing a file leaves its mapping valid. A foreign process that truncates a file in the
    // data folder can stop this process (SIGBUS), as it could by removing its database.
    unsafe { memmap2::Mmap::map(file) }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Owned(bytes) => bytes,
        }
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        self
    }
}
