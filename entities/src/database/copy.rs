//! PostgreSQL's binary COPY: rows as bytes, the cheapest way in
//! ([Binary Format](https://www.postgresql.org/docs/current/sql-copy.html)).

use sqlx::PgConnection;
use uuid::Uuid;

use crate::StoreError;

/// Rows for one table, in the order its columns are named. The server checks every field's size against its column's type.
pub(crate) struct BinaryRows {
    bytes: Vec<u8>,
    columns: i16,
}

impl BinaryRows {
    /// The signature, no flags, no extension.
    const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

    /// No rows yet, of so many columns; `capacity` in bytes.
    pub(crate) fn new(columns: i16, capacity: usize) -> Self {
        let mut bytes = Vec::with_capacity(Self::HEADER.len() + capacity);
        bytes.extend_from_slice(Self::HEADER);
        Self { bytes, columns }
    }

    /// Begins a row; as many fields follow as there are columns.
    pub(crate) fn row(&mut self) -> &mut Self {
        self.bytes.extend_from_slice(&self.columns.to_be_bytes());
        self
    }

    fn field(&mut self, bytes: &[u8]) -> &mut Self {
        // A field of more than 2 GiB is no field: the server refuses the length.
        let length = i32::try_from(bytes.len()).unwrap_or(i32::MIN);
        self.bytes.extend_from_slice(&length.to_be_bytes());
        self.bytes.extend_from_slice(bytes);
        self
    }

    fn null(&mut self) -> &mut Self {
        self.bytes.extend_from_slice(&(-1_i32).to_be_bytes());
        self
    }

    /// A `uuid`.
    pub(crate) fn uuid(&mut self, value: Uuid) -> &mut Self {
        self.field(value.as_bytes())
    }

    /// A `smallint`.
    pub(crate) fn small(&mut self, value: i16) -> &mut Self {
        self.field(&value.to_be_bytes())
    }

    /// An `integer`.
    pub(crate) fn integer(&mut self, value: i32) -> &mut Self {
        self.field(&value.to_be_bytes())
    }

    /// A `bigint`.
    pub(crate) fn big(&mut self, value: i64) -> &mut Self {
        self.field(&value.to_be_bytes())
    }

    /// A `text`.
    pub(crate) fn text(&mut self, value: &str) -> &mut Self {
        self.field(value.as_bytes())
    }

    /// A field that may be null.
    pub(crate) fn or_null<T>(&mut self, value: Option<T>, put: fn(&mut Self, T) -> &mut Self) -> &mut Self {
        match value {
            Some(value) => put(self, value),
            None => self.null(),
        }
    }

    /// Copies the rows into `target`: a table with its columns, constant text. All of them or none.
    pub(crate) async fn copy(
        mut self,
        connection: &mut PgConnection,
        target: &str,
    ) -> Result<(), StoreError> {
        self.bytes.extend_from_slice(&(-1_i16).to_be_bytes());
        let mut copy = connection.copy_in_raw(&format!("COPY {target} FROM STDIN (FORMAT binary)")).await?;
        match copy.send(self.bytes).await {
            Ok(_) => {}
            Err(error) => {
                copy.abort("the client gave up").await?;
                return Err(error.into());
            }
        }
        copy.finish().await?;
        Ok(())
    }
}
