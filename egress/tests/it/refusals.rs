//! Every payload is refused, whether asked at once or by a redirect, and a canary where they lead sees nobody.

use std::sync::{Arc, Mutex};

use aggregator_egress::policy::check_url;
use aggregator_egress::{AllowedNetwork, Egress, EgressConfig, EgressError, OwnService, Refusal};
use tokio::io::AsyncWriteExt;
use url::Url;

use crate::names::{Names, egress, get};
use crate::payloads::{NAMES, PAYLOADS, Wall};
use crate::server::{Server, answer_all, read_head};

/// A payload for this port. Literal addresses are looked at here first, so that a wrong line in the table or in the
/// rules ends the test before it reaches anybody.
fn payload(text: &str, port: u16) -> String {
    let text = text.replace("{p}", &port.to_string());
    if let Ok(url) = Url::parse(&text) {
        let refused = check_url(&EgressConfig::default(), &url).is_err();
        assert!(refused || url.domain().is_some(), "{text}");
    }
    text
}

/// A canary at one port of both loopback addresses; IPv6 where this machine has it.
async fn canaries() -> Vec<Server> {
    let four = Server::polite().await;
    let six = format!("[::1]:{}", four.address.port()).parse().unwrap();
    let mut canaries = vec![four];
    if std::net::TcpListener::bind(six).is_ok() {
        let ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
        canaries.push(Server::at(six, move |stream| answer_all(stream, ok.to_owned())).await);
    }
    canaries
}

/// A client that may ask one server, told of every name in the table.
fn guarded(allowed: Option<u16>) -> Egress {
    let names = NAMES.iter().fold(Names::default(), |names, (name, answer)| names.with(name, &[answer]));
    let network = |port| AllowedNetwork { network: "127.0.0.1/32".parse().unwrap(), ports: vec![port] };
    let config = EgressConfig {
        allow_networks: allowed.into_iter().map(network).collect(),
        deny_hosts: vec!["internal.test".to_owned()],
        ..EgressConfig::default()
    };
    Egress::with_resolver(config, Arc::new(names)).unwrap()
}

fn wall(refusal: &Refusal) -> Option<Wall> {
    Some(match refusal {
        Refusal::Scheme(_) => Wall::Scheme,
        Refusal::Credentials => Wall::Credentials,
        Refusal::NoHost => Wall::NoHost,
        Refusal::DeniedHost(_) => Wall::DeniedHost,
        Refusal::NotPublic { .. } => Wall::NotPublic,
        Refusal::Port(_) => Wall::Port,
        _ => return None,
    })
}

#[tokio::test]
async fn every_payload_is_refused() {
    let canaries = canaries().await;
    let port = canaries[0].address.port();
    let egress = guarded(None);
    for (text, expected) in PAYLOADS {
        let text = payload(text, port);
        let stopped_by = match Url::parse(&text) {
            Err(_) => Some(Wall::NoUrl),
            Ok(_) => match egress.fetch(&get(&text)).await {
                Err(EgressError::Refused(refusal)) => wall(&refusal),
                _ => None,
            },
        };
        assert_eq!(stopped_by, Some(*expected), "{text}");
    }
    for canary in canaries {
        assert_eq!(canary.connections().await, 0);
    }
    assert!(PAYLOADS.len() >= 85);
}

#[tokio::test]
async fn the_canary_sees_who_is_allowed() {
    let canary = Server::polite().await;
    let names = Names::default().with("service.test", &[&["127.0.0.1"]]);
    let port = canary.address.port();
    let answer = egress(names, &[port]).fetch(&get(&format!("http://service.test:{port}/"))).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, b"ok".as_slice()));
    assert_eq!(canary.connections().await, 1);
}

#[tokio::test]
async fn every_payload_is_refused_after_a_redirect() {
    let canaries = canaries().await;
    let port = canaries[0].address.port();
    let location = Arc::new(Mutex::new(String::new()));
    let told = location.clone();
    let server = Server::start(move |mut stream| {
        let told = told.clone();
        async move {
            while read_head(&mut stream).await {
                let location = told.lock().unwrap().clone();
                let answer =
                    format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
                if stream.write_all(answer.as_bytes()).await.is_err() {
                    return;
                }
            }
        }
    })
    .await;
    let from = format!("http://{}/", server.address);
    let egress = guarded(Some(server.address.port()));
    for (text, _) in PAYLOADS {
        let payload = payload(text, port);
        *location.lock().unwrap() = payload.replace(['\n', '\t'], "");
        let asked = egress.fetch(&get(&from)).await;
        // Relative where it is no URL of its own, and then a loop; malformed where no header or URL can hold it.
        assert!(
            matches!(asked, Err(EgressError::Refused(_) | EgressError::Malformed(_))),
            "{payload}: {asked:?}"
        );
    }
    for canary in canaries {
        assert_eq!(canary.connections().await, 0);
    }
    for (to, malformed) in [("", false), ("http://", true), ("/again", false)] {
        to.clone_into(&mut location.lock().unwrap());
        match egress.fetch(&get(&from)).await {
            Err(EgressError::Refused(Refusal::TooManyRedirects(3))) => assert!(!malformed, "{to}"),
            Err(EgressError::Malformed(_)) => assert!(malformed, "{to}"),
            other => panic!("{to}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_name_that_changes_its_mind_gains_nothing() {
    let server = Server::polite().await;
    let port = server.address.port();
    let ok = "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\ncanary";
    let canary_at = format!("127.0.0.2:{port}").parse().unwrap();
    let canary = Server::at(canary_at, move |stream| answer_all(stream, ok.to_owned())).await;
    let names =
        Names::default().with("flip.test", &[&["127.0.0.1"], &["127.0.0.2"], &["127.0.0.1", "127.0.0.2"]]);
    let egress = egress(names, &[port]);
    let request = get(&format!("http://flip.test:{port}/"));
    for step in 0..21 {
        let asked = egress.fetch(&request).await;
        match step % 3 {
            0 => assert_eq!(asked.unwrap().body, b"ok", "step {step}"),
            _ => assert!(
                matches!(asked, Err(EgressError::Refused(Refusal::NotPublic { .. }))),
                "step {step}: {asked:?}, though a connection is open"
            ),
        }
    }
    assert_eq!(canary.connections().await, 0);
}

#[tokio::test]
async fn ports_of_other_protocols_are_asked_only_where_they_are_named() {
    let service = || Names::default().with("service.test", &[&["127.0.0.1"]]);
    let every_port = egress(service(), &[]);
    for port in [1, 21, 22, 23, 25, 53, 110, 143, 389, 445, 3306, 3389, 5432, 6379, 9092, 11211, 26379] {
        for host in ["127.0.0.1", "service.test"] {
            let asked = every_port.fetch(&get(&format!("http://{host}:{port}/"))).await;
            assert!(
                matches!(asked, Err(EgressError::Refused(Refusal::Port(of))) if of == port),
                "{host}:{port}: {asked:?}"
            );
        }
    }
    // Nobody listens at 1 here, which is as good as an answer: it was asked.
    let named = egress(service(), &[1]);
    for host in ["127.0.0.1", "service.test"] {
        let asked = named.fetch(&get(&format!("http://{host}:1/"))).await;
        assert!(matches!(asked, Err(EgressError::Unavailable(_))), "{host}: {asked:?}");
    }
}

/// Names move, and an installation's own services with them: where they are is asked anew for each call.
#[tokio::test]
async fn a_service_of_ones_own_is_never_asked_by_whatever_name() {
    let canary = Server::polite().await;
    let port = canary.address.port();
    let network = AllowedNetwork { network: "127.0.0.0/8".parse().unwrap(), ports: Vec::new() };
    let own = |host: &str| OwnService { host: host.to_owned(), port };
    let names = || {
        Names::default()
            .with("db.test", &[&["127.0.0.1"]])
            .with("other.test", &[&["127.0.0.1"], &["127.0.0.1"]])
    };
    for host in ["db.test", "127.0.0.1", "0.0.0.0"] {
        let config = EgressConfig {
            allow_networks: vec![network.clone()],
            own_services: vec![own(host)],
            ..EgressConfig::default()
        };
        let egress = Egress::with_resolver(config, Arc::new(names())).unwrap();
        for text in ["http://db.test", "http://other.test", "http://127.0.0.1"] {
            let asked = egress.fetch(&get(&format!("{text}:{port}/"))).await;
            let is_own =
                matches!(asked, Err(EgressError::Refused(Refusal::Own { port: of, .. })) if of == port);
            assert!(is_own, "{host} {text}: {asked:?}");
        }
    }
    // One that cannot be found now may be anywhere.
    let config = EgressConfig {
        allow_networks: vec![network],
        own_services: vec![own("gone.test")],
        ..EgressConfig::default()
    };
    let egress = Egress::with_resolver(config, Arc::new(names())).unwrap();
    let asked = egress.fetch(&get(&format!("http://other.test:{port}/"))).await;
    assert!(matches!(&asked, Err(EgressError::Resolve(name)) if name == "gone.test"), "{asked:?}");
    assert_eq!(canary.connections().await, 0);
}
