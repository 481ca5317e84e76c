//! Just enough HTTP/1.1 for a benchmark: a streamed POST and a GET, each on a connection of its own.

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::Value;

/// Bytes in one piece of a streamed body.
const PIECE: usize = 64 << 10;

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its body; null where it is no JSON.
    pub body: Value,
}

/// Streams a file as the body of a POST; when its first byte left, and the answer.
pub fn post_file(address: SocketAddr, path: &str, file: &Path) -> anyhow::Result<(Instant, Answer)> {
    let mut source = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut stream = connect(address)?;
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    );
    let first_byte = Instant::now();
    stream.write_all(head.as_bytes())?;
    let mut piece = vec![0; PIECE];
    loop {
        let length = source.read(&mut piece)?;
        let sent = write!(stream, "{length:x}\r\n")
            .and_then(|()| stream.write_all(&piece[..length]))
            .and_then(|()| stream.write_all(b"\r\n"));
        // A server that refuses the body answers before its end; the answer says more than the broken pipe.
        if length == 0 || sent.is_err() {
            break;
        }
    }
    Ok((first_byte, read_answer(stream)?))
}

/// A GET.
pub fn get(address: SocketAddr, path: &str) -> anyhow::Result<Answer> {
    let mut stream = connect(address)?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    read_answer(stream)
}

fn connect(address: SocketAddr) -> anyhow::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, Duration::from_secs(2))?;
    stream.set_read_timeout(Some(Duration::from_mins(15)))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn read_answer(stream: TcpStream) -> anyhow::Result<Answer> {
    let mut text = Vec::new();
    BufReader::new(stream).read_to_end(&mut text).context("the answer did not arrive")?;
    let text = String::from_utf8_lossy(&text);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { bail!("no HTTP answer: {text}") };
    let status =
        head.split_whitespace().nth(1).and_then(|word| word.parse().ok()).context("no HTTP status")?;
    let json = if head.to_ascii_lowercase().contains("transfer-encoding: chunked") {
        unchunk(body)
    } else {
        body.to_owned()
    };
    Ok(Answer { status, body: serde_json::from_str(&json).unwrap_or(Value::Null) })
}

fn unchunk(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((length, rest)) = body.split_once("\r\n") {
        let Some(piece) = usize::from_str_radix(length.trim(), 16)
            .ok()
            .filter(|length| *length > 0)
            .and_then(|length| rest.get(..length))
        else {
            break;
        };
        whole.push_str(piece);
        body = rest.get(piece.len() + 2..).unwrap_or_default();
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunked_body_is_put_together() {
        assert_eq!(unchunk("4\r\n{\"a\"\r\n3\r\n:1}\r\n0\r\n\r\n"), "{\"a\":1}");
    }
}
