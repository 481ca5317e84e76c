//! Servers that mean harm: each ends in the right error, and the connection is let go.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aggregator_egress::{EgressError, Request, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::names::{Names, egress, get};
use crate::server::{Server, read_head};

const MEBIBYTE: usize = 1 << 20;

/// What a server sends: a beginning, then something again and again until the client goes.
#[derive(Clone)]
struct Script {
    once: Vec<u8>,
    forever: Vec<u8>,
    pause: Option<Duration>,
}

fn once(bytes: impl Into<Vec<u8>>) -> Script {
    Script { once: bytes.into(), forever: Vec::new(), pause: None }
}

fn forever(first: impl Into<Vec<u8>>, then: impl Into<Vec<u8>>) -> Script {
    Script { once: first.into(), forever: then.into(), pause: None }
}

async fn play(mut stream: TcpStream, script: Script, sent: Arc<AtomicUsize>) {
    if !read_head(&mut stream).await || stream.write_all(&script.once).await.is_err() {
        return;
    }
    sent.fetch_add(script.once.len(), Ordering::SeqCst);
    while !script.forever.is_empty() {
        if stream.write_all(&script.forever).await.is_err() {
            return;
        }
        sent.fetch_add(script.forever.len(), Ordering::SeqCst);
        if let Some(pause) = script.pause {
            tokio::time::sleep(pause).await;
        }
    }
}

/// The outcome of asking such a server, once it was let go, and the bytes it got rid of.
async fn ask(script: Script, deadline: Duration) -> (Result<Response, EgressError>, usize) {
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = sent.clone();
    let mut server = Server::start(move |stream| play(stream, script.clone(), counted.clone())).await;
    let request = Request { deadline, ..get(&format!("http://{}/", server.address)) };
    let outcome = egress(Names::default(), &[server.address.port()]).fetch(&request).await;
    server.let_go().await;
    (outcome, sent.load(Ordering::SeqCst))
}

const LONG: Duration = Duration::from_mins(1);
const SHORT: Duration = Duration::from_millis(500);
const OK: &str = "HTTP/1.1 200 OK\r\n";

#[tokio::test]
async fn an_endless_body_is_cut() {
    let chunk = [b"10000\r\n".to_vec(), vec![b'a'; 0x10000], b"\r\n".to_vec()].concat();
    for script in [
        forever(format!("{OK}\r\n"), vec![b'a'; 0x10000]),
        forever(format!("{OK}transfer-encoding: chunked\r\n\r\n"), chunk),
        forever(format!("{OK}content-length: 99999999999\r\n\r\n"), vec![b'a'; 0x10000]),
    ] {
        let (outcome, sent) = ask(script, LONG).await;
        assert!(matches!(outcome, Err(EgressError::TooLarge(1_048_576))), "{outcome:?}");
        assert!(sent < 32 * MEBIBYTE, "{sent} bytes, most of them in the sockets' buffers");
    }
}

#[tokio::test]
async fn a_bomb_is_not_unpacked() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let mut brotli = brotli::CompressorWriter::new(Vec::new(), 0x10000, 5, 22);
    let zeros = vec![0; MEBIBYTE];
    for _ in 0..64 {
        gzip.write_all(&zeros).unwrap();
        brotli.write_all(&zeros).unwrap();
    }
    for (encoding, bomb) in [("gzip", gzip.finish().unwrap()), ("br", brotli.into_inner())] {
        assert!(bomb.len() < 100_000);
        let head = format!("{OK}content-encoding: {encoding}\r\ncontent-length: {}\r\n\r\n", bomb.len());
        let (outcome, _) = ask(once([head.into_bytes(), bomb].concat()), LONG).await;
        assert!(matches!(outcome, Err(EgressError::TooLarge(1_048_576))), "{encoding}: {outcome:?}");
    }
}

/// Compressed bytes without end that unpack to nothing: no limit on unpacked bytes is ever reached.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_unpacks_to_nothing_is_cut_at_the_deadline() {
    let start = [format!("{OK}content-encoding: gzip\r\n\r\n").into_bytes(), GZIP_HEAD.to_vec()].concat();
    let empty_blocks = [0, 0, 0, 0xff, 0xff].repeat(20_000);
    let empty_members =
        flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()).finish().unwrap();
    let (outcome, _) = ask(forever(start, empty_blocks), SHORT).await;
    assert!(matches!(outcome, Err(EgressError::Timeout(SHORT))), "{outcome:?}");
    // An empty member is the end, and what follows is too much.
    let members = forever(format!("{OK}content-encoding: gzip\r\n\r\n"), empty_members.repeat(5_000));
    let (outcome, _) = ask(members, SHORT).await;
    assert!(matches!(outcome, Err(EgressError::Timeout(SHORT) | EgressError::Malformed(_))), "{outcome:?}");
}

const GZIP_HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

#[tokio::test]
async fn a_drip_is_cut_at_the_deadline() {
    let pause = Some(Duration::from_millis(5));
    for (start, drop) in [
        (format!("{OK}\r\n"), "a"),
        (format!("{OK}transfer-encoding: chunked\r\n\r\n"), "1\r\na\r\n"),
        (format!("{OK}x-long: "), "a"),
        (OK.to_owned(), "x: y\r\n"),
        (String::new(), "HTTP/1.1 100 Continue\r\n\r\n"),
    ] {
        let script = Script { once: start.clone().into(), forever: drop.into(), pause };
        let (outcome, _) = ask(script, SHORT).await;
        // A header each time may also be too many of them first.
        assert!(
            matches!(outcome, Err(EgressError::Timeout(_) | EgressError::Malformed(_))),
            "{start}: {outcome:?}"
        );
    }
}

#[tokio::test]
async fn interim_answers_without_end_are_cut_at_the_deadline() {
    let (outcome, _) = ask(forever("", "HTTP/1.1 100 Continue\r\n\r\n".repeat(1000)), SHORT).await;
    assert!(matches!(outcome, Err(EgressError::Timeout(_) | EgressError::Malformed(_))), "{outcome:?}");
}

#[tokio::test]
async fn silence_is_cut_at_the_deadline() {
    let mut server = Server::start(|mut stream| async move {
        let mut all = Vec::new();
        let _ = stream.read_to_end(&mut all).await;
    })
    .await;
    let request = Request { deadline: SHORT, ..get(&format!("http://{}/", server.address)) };
    let outcome = egress(Names::default(), &[server.address.port()]).fetch(&request).await;
    assert!(matches!(outcome, Err(EgressError::Timeout(SHORT))), "{outcome:?}");
    server.let_go().await;
}

#[tokio::test]
async fn what_is_no_http_is_malformed() {
    for garbage in [
        "SSH-2.0-OpenSSH_9.9\r\n".to_owned(),
        "\0\u{1}\u{2}\u{3}garbage\r\n\r\n".to_owned(),
        "HTTP/9.9 200 OK\r\n\r\n".to_owned(),
        "HTTP/1.1 abc\r\n\r\n".to_owned(),
        format!("{OK}no colon here\r\n\r\n"),
        format!("{OK}content-length: -1\r\n\r\n"),
        format!("{OK}content-length: 1\r\ncontent-length: 2\r\n\r\nab"),
        format!("{OK}content-encoding: gzip\r\ncontent-length: 2\r\n\r\nno"),
    ] {
        let (outcome, _) = ask(once(garbage.clone()), LONG).await;
        assert!(matches!(outcome, Err(EgressError::Malformed(_))), "{garbage:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_connection_that_breaks_is_unavailable() {
    for cut in [String::new(), "HTTP/1.1 2".to_owned(), format!("{OK}content-length: 100\r\n\r\nten bytes.")]
    {
        let (outcome, _) = ask(once(cut.clone()), LONG).await;
        assert!(matches!(outcome, Err(EgressError::Unavailable(_))), "{cut:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_head_has_limits() {
    let many: Vec<String> = (0..200_000).map(|index| format!("x-{index}: y\r\n")).collect();
    let many = many.concat();
    for (what, script) in [
        ("200,000 headers", once(format!("{OK}{many}\r\n"))),
        ("101 headers", once(format!("{OK}{}content-length: 0\r\n\r\n", "x: y\r\n".repeat(100)))),
        ("headers of 70 KiB", once(format!("{OK}x: {}\r\ncontent-length: 0\r\n\r\n", "y".repeat(70_000)))),
        ("a header without end", forever(format!("{OK}x: "), vec![b'y'; 0x10000])),
        ("headers without end", forever(OK, "x: y\r\n".repeat(1000))),
    ] {
        let (outcome, sent) = ask(script, LONG).await;
        assert!(matches!(outcome, Err(EgressError::Malformed(_))), "{what}: {outcome:?}");
        assert!(sent < 32 * MEBIBYTE, "{what}: {sent} bytes");
    }
    let fits = once(format!("{OK}{}content-length: 0\r\n\r\n", "x: y\r\n".repeat(99)));
    assert_eq!(ask(fits, LONG).await.0.unwrap().headers.len(), 100);
}
