//! A service on the other side: answers as a script says, misbehaves on demand, and keeps count of its calls.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::oneshot;

/// What the service does with a call.
#[derive(Debug, Clone)]
pub enum Reply {
    /// Answers.
    Answer {
        /// The status.
        status: u16,
        /// Headers beside the length of the body.
        headers: Vec<(&'static str, String)>,
        /// The body.
        body: Vec<u8>,
    },
    /// Does the other after a while.
    After(Duration, Box<Reply>),
    /// Closes the connection without a word (a reset, to whoever waits).
    Reset,
    /// Never answers.
    Hang,
    /// Answers with a body that never ends.
    Endless,
}

impl Reply {
    /// A JSON answer of this status.
    pub fn json(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::Answer {
            status,
            headers: vec![("content-type", "application/json".to_owned())],
            body: body.into(),
        }
    }

    /// The same with one header more.
    #[must_use]
    pub fn with(self, name: &'static str, value: impl Into<String>) -> Self {
        match self {
            Self::Answer { status, mut headers, body } => {
                headers.push((name, value.into()));
                Self::Answer { status, headers, body }
            }
            other => other,
        }
    }

    /// The same, later.
    #[must_use]
    pub fn after(self, latency: Duration) -> Self {
        Self::After(latency, Box::new(self))
    }
}

/// A call as the service saw it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// When its head had arrived.
    pub at: Instant,
    /// Path and query.
    pub path: String,
}

type Script = dyn Fn(&str, u32) -> Reply + Send + Sync;

/// A service on a port of its own, in a thread of its own; gone when dropped.
pub struct Upstream {
    port: u16,
    state: Arc<State>,
    _running: oneshot::Sender<()>,
}

struct State {
    script: Box<Script>,
    seen: Mutex<Vec<Seen>>,
    before: Mutex<BTreeMap<String, u32>>,
    aborted: Mutex<u64>,
    /// Calls with a `traceparent`.
    traced: Mutex<u64>,
}

impl Upstream {
    /// Starts it. The script is given the path and how many calls of that path came before.
    pub fn start(script: impl Fn(&str, u32) -> Reply + Send + Sync + 'static) -> Self {
        let state = Arc::new(State {
            script: Box::new(script),
            seen: Mutex::default(),
            before: Mutex::default(),
            aborted: Mutex::default(),
            traced: Mutex::default(),
        });
        let (running, stopped) = oneshot::channel();
        let (port, bound) = mpsc::channel();
        let serving = Arc::clone(&state);
        std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async move {
                let listener = listen().expect("a port");
                let _ = port.send(listener.local_addr().expect("an address").port());
                tokio::select! {
                    () = accept(listener, serving) => {}
                    _ = stopped => {}
                }
            });
        });
        Self { port: bound.recv().expect("the service starts"), state, _running: running }
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its address, `http://127.0.0.1:port/`.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// Every call so far, in order.
    pub fn seen(&self) -> Vec<Seen> {
        self.state.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Calls so far after the first so many, in order: for those who count along.
    pub fn seen_after(&self, known: usize) -> Vec<Seen> {
        let seen = self.state.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(known..).unwrap_or_default().to_vec()
    }

    /// Calls so far by path.
    pub fn counts(&self) -> BTreeMap<String, u32> {
        self.state.before.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Calls whose caller went away before the answer.
    pub fn aborted(&self) -> u64 {
        *self.state.aborted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls that told which trace they belong to.
    pub fn traced(&self) -> u64 {
        *self.state.traced.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Thousands of callers may come at once; the usual queue holds 128.
fn listen() -> std::io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    socket.listen(4_096)
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            let state = Arc::clone(&state);
            tokio::spawn(async move {
                let _ = serve(stream, &state).await;
            });
        }
    }
}

/// Answers the calls of one connection, one after the other.
async fn serve(mut stream: TcpStream, state: &State) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut head = Vec::new();
    let mut piece = [0; 4_096];
    loop {
        let length = stream.read(&mut piece).await?;
        if length == 0 {
            return Ok(());
        }
        head.extend_from_slice(&piece[..length]);
        if !head.ends_with(b"\r\n\r\n") {
            continue;
        }
        let text = String::from_utf8_lossy(&head);
        let path = text.split(' ').nth(1).unwrap_or_default().to_owned();
        if text.to_ascii_lowercase().contains("\r\ntraceparent:") {
            *state.traced.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        }
        head.clear();
        let reply = (state.script)(&path, state.note(path.clone()));
        if !act(&mut stream, state, reply).await? {
            return Ok(());
        }
    }
}

impl State {
    /// Notes a call; how many of its path came before.
    fn note(&self, path: String) -> u32 {
        let seen = Seen { at: Instant::now(), path: path.clone() };
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
        let mut before = self.before.lock().unwrap_or_else(PoisonError::into_inner);
        let count = before.entry(path).or_default();
        *count += 1;
        *count - 1
    }
}

/// Does what the reply says; false when the connection is not to be used again.
async fn act(stream: &mut TcpStream, state: &State, reply: Reply) -> std::io::Result<bool> {
    match reply {
        Reply::Answer { status, headers, body } => {
            let mut answer = format!("HTTP/1.1 {status} Mock\r\ncontent-length: {}\r\n", body.len());
            for (name, value) in headers {
                answer.extend([name, ": ", &value, "\r\n"]);
            }
            answer.push_str("\r\n");
            let mut answer = answer.into_bytes();
            answer.extend(body);
            stream.write_all(&answer).await.map(|()| true)
        }
        Reply::After(latency, reply) => {
            if is_gone_within(stream, latency).await {
                *state.aborted.lock().unwrap_or_else(PoisonError::into_inner) += 1;
                return Ok(false);
            }
            Box::pin(act(stream, state, *reply)).await
        }
        Reply::Reset => Ok(false),
        Reply::Hang => {
            is_gone_within(stream, Duration::from_hours(1)).await;
            Ok(false)
        }
        Reply::Endless => {
            stream.write_all(b"HTTP/1.1 200 Mock\r\ncontent-type: application/json\r\n\r\n{\"a\":\"").await?;
            loop {
                stream.write_all(&[b'a'; 16_384]).await?;
            }
        }
    }
}

/// Waits; true when the caller went away first.
async fn is_gone_within(stream: &mut TcpStream, time: Duration) -> bool {
    let mut byte = [0];
    tokio::time::timeout(time, stream.read(&mut byte)).await.is_ok()
}
