//! Whatever is wrong, the answer is a problem document that says what to do.

use reqwest::{Body, Method};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::Server;

const DETECT: &str = "/api/v1/detect";

#[tokio::test]
async fn what_is_not_there_is_told() {
    let server = Server::start().await;
    for path in ["/api", "/api/v1", "/api/v1/detect/", "/api/v1/detect/x", "/api/docs/nothing.js", "/%00"] {
        server.get(path).await.is_problem(404, "not_found");
    }
    server.post_json("/api/v2/detect", "{}").await.is_problem(404, "not_found");
}

#[tokio::test]
async fn a_method_a_path_does_not_have_is_told_with_those_it_has() {
    let server = Server::start().await;
    for (method, path, allow) in [
        (Method::PUT, DETECT, "GET, HEAD, POST"),
        (Method::DELETE, "/livez", "GET, HEAD"),
        (Method::POST, "/api/v1/openapi.json", "GET, HEAD"),
        (Method::POST, "/api/docs/index.html", "GET, HEAD"),
        (Method::OPTIONS, "/readyz", "GET, HEAD"),
        (Method::TRACE, "/livez", "GET, HEAD"),
        (Method::from_bytes(b"BREW").unwrap(), "/livez", "GET, HEAD"),
    ] {
        let answer = server.send(server.request(method, path)).await;
        answer.is_problem(405, "method_not_allowed");
        assert_eq!(answer.header("allow"), allow, "{path}");
    }
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_told_with_its_place() {
    let server = Server::start().await;
    let deep = format!("{{\"values\": {}1{}}}", "[".repeat(64), "]".repeat(64));
    for (body, says) in [
        ("", "EOF"),
        ("{", "EOF"),
        ("[]", "invalid"),
        ("{\"values\": \"192.0.2.1\"}", "expected a sequence"),
        ("{\"values\": [1]}", "expected a string"),
        ("{\"valeus\": []}", "unknown field `valeus`"),
        ("{\"values\": [], \"id\": 1}", "unknown field `id`"),
        ("{\"values\": [], \"values\": []}", "duplicate field `values`"),
        ("{\"values\": [\"a\"], \"kind\": \"ip\"}", "there is no kind `ip`"),
        ("{\"values\": []} {}", "trailing characters"),
        (deep.as_str(), "64 levels"),
    ] {
        let detail = server.post_json(DETECT, body.to_owned()).await.is_problem(400, "invalid_body");
        assert!(detail.contains(says), "{body}: {detail}");
    }
    let not_utf8 = b"{\"values\": [\"\xff\"]}".to_vec();
    server.post_json(DETECT, not_utf8).await.is_problem(400, "invalid_body");
}

#[tokio::test]
async fn a_parameter_that_is_wrong_is_told() {
    let server = Server::start().await;
    for (query, says) in [
        ("", "missing field `value`"),
        ("?value=a&valeu=b", "unknown field `valeu`"),
        ("?value=a&value=b", "duplicate field `value`"),
        ("?value=a&kind=ip", "there is no kind `ip`"),
    ] {
        let detail = server.get(&format!("{DETECT}{query}")).await.is_problem(400, "invalid_parameter");
        assert!(detail.contains(says), "{query}: {detail}");
    }
    for path in ["/livez", "/readyz", "/api/v1/problems", "/api/v1/openapi.json"] {
        server.get(&format!("{path}?debug=1")).await.is_problem(400, "invalid_parameter");
    }
    let detail = server.post_json(&format!("{DETECT}?kind=ipv4"), "{\"values\": [\"a\"]}").await;
    detail.is_problem(400, "invalid_parameter");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_told_with_the_limit() {
    let server = Server::start().await;
    let json = |bytes: usize| {
        let frame = json!({"values": [""]}).to_string().len();
        json!({"values": ["a".repeat(bytes - frame)]}).to_string()
    };
    let limit = 1 << 20;
    assert_eq!(server.post_json(DETECT, json(limit)).await.status, 200);
    for body in [json(limit + 1), json(8 * limit)] {
        let answer = server.post_json(DETECT, body).await;
        answer.is_problem(413, "body_too_large");
        assert_eq!(answer.json()["limit"], limit);
    }
    // Chunked: nobody announced the length.
    let parts = json(2 * limit).into_bytes();
    let parts: Vec<Result<Vec<u8>, std::io::Error>> =
        parts.chunks(50_000).map(|part| Ok(part.to_vec())).collect();
    let stream = Body::wrap_stream(futures::stream::iter(parts));
    server.post_json(DETECT, stream).await.is_problem(413, "body_too_large");
}

#[tokio::test]
async fn a_body_of_another_kind_is_told_with_the_kinds_that_are_read() {
    let server = Server::start().await;
    let post = |headers: &[(&'static str, &'static str)]| {
        let request = server.request(Method::POST, DETECT).body("{\"values\": [\"a\"]}");
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
    };
    let json = ("content-type", "application/json");
    for headers in [
        &[][..],
        &[("content-type", "nonsense")],
        &[("content-type", "application/xml")],
        &[("content-type", "application/x-www-form-urlencoded")],
        &[("content-type", "text/plain")],
        &[("content-type", "application/json; charset=utf-16")],
        &[json, ("content-encoding", "gzip")],
    ] {
        let detail = server.send(post(headers)).await.is_problem(415, "unsupported_media_type");
        assert!(detail.contains("send application/json"), "{detail}");
    }
    for content_type in ["Application/JSON", "application/json; charset=UTF-8"] {
        assert_eq!(server.send(post(&[("content-type", content_type)])).await.status, 200, "{content_type}");
    }
}

/// Sends bytes as they stand and reads until the server closes.
async fn raw(server: &Server, request: &str) -> String {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_body_that_is_cut_off_is_told_to_whom_still_listens() {
    let server = Server::start().await;
    let head = "POST /api/v1/detect HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    let answer = raw(&server, &format!("{head}Content-Length: 100\r\n\r\n{{\"values\"")).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert!(answer.contains("\"id\":\"invalid_body\""), "{answer}");
    assert_eq!(server.get("/livez").await.status, 200);
}

#[tokio::test]
async fn a_request_that_is_not_for_one_host_is_refused() {
    let server = Server::start().await;
    for head in [
        "GET /livez HTTP/1.1\r\n",
        "GET /livez HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n",
        "GET http://evil.example/livez HTTP/1.1\r\nHost: localhost\r\n",
        "GET http://localhost/livez HTTP/1.1\r\nHost: evil.example\r\n",
    ] {
        let answer = raw(&server, &format!("{head}Connection: close\r\n\r\n")).await;
        // A parser may refuse it even before it is ours to refuse.
        assert!(answer.starts_with("HTTP/1.1 421") || answer.starts_with("HTTP/1.1 400"), "{head}: {answer}");
    }
    let answer =
        raw(&server, "GET http://localhost/livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn an_ambiguous_length_is_refused_before_routing() {
    let server = Server::start().await;
    let head = "POST /api/v1/detect HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    for framing in [
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 4\r\nContent-Length: 5\r\n",
        "Transfer-Encoding: identity, chunked, identity\r\n",
    ] {
        let answer = raw(&server, &format!("{head}{framing}\r\n0\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{framing}: {answer}");
    }
}

#[tokio::test]
async fn the_type_of_a_problem_leads_to_its_description() {
    let server = Server::start().await;
    let problem = server.get("/nothing").await.json();
    let reference = problem["type"].as_str().unwrap();
    let (path, id) = reference.split_once('#').unwrap();
    let described = server.get(path).await.json();
    let descriptions = described["problems"].as_array().unwrap();
    let own = descriptions.iter().find(|description| description["id"] == id).unwrap();
    for field in ["type", "status", "title", "next_step"] {
        assert_eq!(own[field], problem[field]);
    }
}
