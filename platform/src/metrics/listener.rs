//! A listener that answers `GET /metrics` and nothing else, for processes that serve no API.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use prometheus_client::registry::Registry;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use super::{MEDIA_TYPE, Metrics};
use crate::{Settings, Shutdown};

/// Bytes of the head of a request.
const MAX_HEAD_BYTES: usize = 8 * 1_024;

/// Time for one request and its answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Requests at once.
const MOST: usize = 8;

/// Takes the address of `metrics.listen`; `None` where it is empty.
pub fn bind(settings: &Settings) -> io::Result<Option<TcpListener>> {
    settings.metrics.listen.map(TcpListener::bind).transpose()
}

/// Answers until the wish to stop. Err: the system refused the listener.
pub async fn serve(listener: TcpListener, metrics: Metrics, shutdown: Shutdown) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    tracing::info!(address = %listener.local_addr()?, "metrics are served: GET /metrics");
    let room = Arc::new(Semaphore::new(MOST));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shutdown.requested() => return Ok(()),
        };
        match accepted {
            Ok((stream, _)) => {
                // More at once are closed unanswered.
                let Ok(permit) = Arc::clone(&room).try_acquire_owned() else { continue };
                let metrics = metrics.clone();
                tokio::spawn(async move {
                    let answered = tokio::time::timeout(TIMEOUT, answer(stream, &metrics)).await;
                    if let Ok(Err(error)) = answered {
                        tracing::debug!(%error, "a request for metrics broke off");
                    }
                    drop(permit);
                });
            }
            Err(error) => {
                // Out of descriptors: a moment later there may be one.
                tracing::warn!(%error, "a request for metrics was not taken");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn answer(mut stream: TcpStream, metrics: &Metrics) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        if head.len() > MAX_HEAD_BYTES || stream.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let mut words = line.split(|byte| *byte == b' ');
    let (status, media_type, body) = match (words.next(), words.next()) {
        (Some(b"GET"), Some(b"/metrics")) => match metrics.text(&Registry::default()) {
            Ok(text) => ("200 OK", MEDIA_TYPE, text),
            Err(error) => ("500 Internal Server Error", "text/plain", format!("{error}\n")),
        },
        (Some(b"GET"), _) => {
            ("404 Not Found", "text/plain", "there is /metrics here, and nothing else\n".to_owned())
        }
        _ => ("405 Method Not Allowed", "text/plain", "GET /metrics\n".to_owned()),
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\nCache-Control: no-store\r\n\
         X-Content-Type-Options: nosniff\r\nAllow: GET\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}
