//! Proxies named in the environment are not used.

use std::process::Command;

use crate::names::{Names, egress, get};
use crate::server::Server;

const PROXIES: [&str; 6] =
    ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

#[tokio::test]
async fn a_proxy_of_the_environment_is_ignored() {
    let canary = Server::polite().await;
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "environment::a_service_is_asked_directly", "--nocapture"]);
    child.env_remove("NO_PROXY").env_remove("no_proxy").env_remove("REQUEST_METHOD");
    for name in PROXIES {
        child.env(name, format!("http://{}", canary.address));
    }
    let output = tokio::task::spawn_blocking(move || child.output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    assert_eq!(canary.connections().await, 1, "the control's connection and no other");
}

/// Runs by itself, and once more by the test above with proxies in its environment.
#[tokio::test]
async fn a_service_is_asked_directly() {
    let server = Server::polite().await;
    let port = server.address.port();
    let names = Names::default().with("service.test", &[&["127.0.0.1"]]);
    let answer = egress(names, &[port]).fetch(&get(&format!("http://service.test:{port}/"))).await.unwrap();
    assert_eq!(answer.body, b"ok");
    assert_eq!(server.connections().await, 1);
    // The control: a client without the guard goes to the proxy where there is one, and knows no such name where not.
    let control = reqwest::get(format!("http://service.test:{port}/")).await;
    #[expect(clippy::disallowed_methods, reason = "the environment is what is tested")]
    let proxied = std::env::var_os("HTTP_PROXY").is_some();
    assert_eq!(control.is_ok(), proxied, "{control:?}");
}
