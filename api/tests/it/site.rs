//! The web app's files and pages, beside the API.

use std::fs;
use std::os::unix::fs::symlink;

use reqwest::{Client, Method, Response};

use crate::harness::{Answer, Server};

/// A server with a folder of files as a build leaves them.
async fn served() -> (Server, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let assets = folder.path().join("assets");
    fs::create_dir(&assets).unwrap();
    fs::create_dir(folder.path().join(".vite")).unwrap();
    symlink(&assets, folder.path().join("linked")).unwrap();
    symlink("/nowhere/at/all.svg", folder.path().join("gone.svg")).unwrap();
    symlink("favicon.svg", folder.path().join("also.svg")).unwrap();
    for (name, content) in [
        ("index.html", "<!doctype html><title>app</title>"),
        ("favicon.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("assets/app-1a2b.js", "export {}"),
        ("assets/app-1a2b.js.br", "brotli"),
        ("assets/app-1a2b.js.gz", "gzip"),
        ("assets/app-1a2b.js.map", "{}"),
        (".vite/manifest.json", "{}"),
        ("secret.key", "of no type a browser is told"),
    ] {
        fs::write(folder.path().join(name), content).unwrap();
    }
    let variables = [("AGGREGATOR_HTTP_WEB_FOLDER", folder.path().to_str().unwrap())];
    (Server::start_with(&variables, |state| state).await, folder)
}

async fn browse(server: &Server, path: &str) -> Answer {
    let accept = "text/html,application/xhtml+xml,*/*;q=0.8";
    server.send(server.request(Method::GET, path).header("accept", accept)).await
}

/// A script as it comes over the wire: status, body, and headers.
async fn accepting(server: &Server, encodings: &str) -> Response {
    accepting_unless(server, encodings, "\"another\"").await
}

/// The same for a client that has it under a tag.
async fn accepting_unless(server: &Server, encodings: &str, tag: &str) -> Response {
    let plain = Client::builder().no_proxy().no_brotli().no_gzip().build().unwrap();
    let url = format!("http://{}/assets/app-1a2b.js", server.address);
    let request = plain.get(url).header("accept-encoding", encodings).header("if-none-match", tag);
    request.send().await.unwrap()
}

#[tokio::test]
async fn pages_of_the_app_are_its_index_and_ask_again() {
    let (server, _folder) = served().await;
    for path in ["/", "/lookup/7", "/submissions", "/index.html"] {
        let page = browse(&server, path).await;
        assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"), "{path}");
        assert!(page.body.contains("<title>app</title>"), "{page:?}");
        assert_eq!(page.header("cache-control"), "no-cache", "{path}");
        let policy = page.header("content-security-policy");
        assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{policy}");
        let request = server.request(Method::GET, path).header("accept", "text/html");
        let again = server.send(request.header("if-none-match", page.header("etag"))).await;
        assert_eq!((again.status, again.body.as_str()), (304, ""), "{path}");
    }
    let head = server.send(server.request(Method::HEAD, "/").header("accept", "text/html")).await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
}

#[tokio::test]
async fn assets_never_change_and_come_in_the_form_the_client_takes() {
    let (server, _folder) = served().await;
    for (encodings, body, encoding) in [
        ("gzip, deflate, br", "brotli", "br"),
        ("gzip", "gzip", "gzip"),
        ("br;q=0, gzip", "gzip", "gzip"),
        ("identity", "export {}", "identity"),
    ] {
        let asset = accepting(&server, encodings).await;
        for (name, value) in [
            ("content-encoding", encoding),
            ("content-type", "text/javascript; charset=utf-8"),
            ("cache-control", "public, max-age=31536000, immutable"),
            ("vary", "accept-encoding"),
            ("x-content-type-options", "nosniff"),
        ] {
            assert_eq!(asset.headers()[name], value, "{encodings}");
        }
        assert_eq!(
            (asset.status().as_u16(), asset.text().await.unwrap().as_str()),
            (200, body),
            "{encodings}"
        );
    }
}

#[tokio::test]
async fn each_form_has_a_tag_of_its_own() {
    let (server, _folder) = served().await;
    let forms = ["br", "gzip", "identity"];
    let mut tags = Vec::new();
    for encodings in forms {
        let asset = accepting(&server, encodings).await;
        tags.push(asset.headers()["etag"].to_str().unwrap().to_owned());
    }
    for encodings in forms {
        for (of, tag) in forms.iter().zip(&tags) {
            let status = if *of == encodings { 304 } else { 200 };
            let again = accepting_unless(&server, encodings, tag).await;
            assert_eq!(again.status().as_u16(), status, "{encodings}, tag of {of}");
            let weak = accepting_unless(&server, encodings, &format!("\"another\", W/{tag}")).await;
            assert_eq!(weak.status().as_u16(), status, "{encodings}, weak tag of {of}");
        }
    }
}

#[tokio::test]
async fn what_is_neither_file_nor_page_is_not_found() {
    let (server, _folder) = served().await;
    for path in [
        "/api/v1/nothing",
        "/api",
        "/metrics/none",
        "/assets/gone-9.js",
        "/secret.key",
        "/assets/app-1a2b.js.br",
        "/assets/app-1a2b.js.map",
        "/.vite/manifest.json",
        "/linked/app-1a2b.js",
        "/gone.svg",
        "/..%2f..%2fetc%2fpasswd.txt",
    ] {
        browse(&server, path).await.is_problem(404, "not_found");
    }
    assert_eq!(browse(&server, "/also.svg").await.header("content-type"), "image/svg+xml");
    // A script that asks for no page is told the truth.
    server.get("/lookup/7").await.is_problem(404, "not_found");
    let post = server.send(server.request(Method::POST, "/lookup/7").header("accept", "text/html")).await;
    post.is_problem(404, "not_found");
}

#[tokio::test]
async fn without_an_app_the_front_door_leads_to_the_documents() {
    let server =
        Server::start_with(&[("AGGREGATOR_HTTP_WEB_FOLDER", "/nowhere/at/all")], |state| state).await;
    let front = browse(&server, "/").await;
    assert_eq!((front.status, front.header("location")), (307, "/api/docs/"));
    browse(&server, "/lookup/7").await.is_problem(404, "not_found");
}
