//! Servers on the loopback address that count who came.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// A server that does with each connection what a function says.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    accepted: Arc<AtomicUsize>,
    closed: mpsc::UnboundedReceiver<()>,
}

impl Server {
    pub(crate) async fn start<F, S>(serve: F) -> Self
    where
        F: Fn(TcpStream) -> S + Send + 'static,
        S: Future<Output = ()> + Send + 'static,
    {
        Self::at("127.0.0.1:0".parse().unwrap(), serve).await
    }

    pub(crate) async fn at<F, S>(address: SocketAddr, serve: F) -> Self
    where
        F: Fn(TcpStream) -> S + Send + 'static,
        S: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let accepted = Arc::new(AtomicUsize::new(0));
        let counted = accepted.clone();
        let (done, closed) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                counted.fetch_add(1, Ordering::SeqCst);
                let (serving, done) = (serve(stream), done.clone());
                tokio::spawn(async move {
                    serving.await;
                    let _ = done.send(());
                });
            }
        });
        Self { address, accepted, closed }
    }

    /// A server that answers everything with 200 and keeps connections open.
    pub(crate) async fn polite() -> Self {
        Self::start(|stream| answer_all(stream, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok".to_owned()))
            .await
    }

    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    /// Connections before this moment. It opens one itself: the queue of a listener is in order, so none is missed.
    pub(crate) async fn connections(&self) -> usize {
        let mut own = TcpStream::connect(self.address).await.unwrap();
        own.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        own.read_u8().await.unwrap();
        self.accepted() - 1
    }

    /// Waits until a connection was served to its end: the client let go of it.
    pub(crate) async fn let_go(&mut self) {
        tokio::time::timeout(Duration::from_mins(1), self.closed.recv()).await.unwrap().unwrap();
    }
}

/// Reads one request's head; false at the end of the connection.
pub(crate) async fn read_head(stream: &mut TcpStream) -> bool {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return false,
        }
    }
    true
}

/// Answers each request with these bytes.
pub(crate) async fn answer_all(mut stream: TcpStream, answer: String) {
    while read_head(&mut stream).await {
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}
