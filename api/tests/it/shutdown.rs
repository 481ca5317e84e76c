//! Stopping loses no request that was under way.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::Server;

#[tokio::test]
async fn a_request_under_way_is_finished_and_no_new_one_is_taken() {
    let server = Server::start().await;
    let body = r#"{"values": ["192.0.2.1"]}"#;
    let (first, rest) = body.split_at(10);
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "POST /api/v1/detect HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Expect: 100-continue\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // The interim answer proves that the request is in a handler.
    let mut interim = [0; 25];
    stream.read_exact(&mut interim).await.unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(first.as_bytes()).await.unwrap();

    server.shutdown.request();
    let address = server.address;
    let stopping = tokio::spawn(server.stop());
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!stopping.is_finished(), "the server went away from a request");

    stream.write_all(rest.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("\"detected\""), "{answer}");
    stopping.await.unwrap().unwrap();
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_it_up() {
    let server = Server::start().await;
    assert_eq!(server.get("/livez").await.status, 200);
    assert!(server.is_serving());
    server.stop().await.unwrap();
}
