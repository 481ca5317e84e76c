//! Metrics: what is registered is told, and the listener says nothing else.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use aggregator_platform::metrics::{self, Labels, Metrics};
use aggregator_platform::{Environment, Settings, Shutdown};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

fn ask(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn what_is_registered_is_told_with_the_process() {
    let metrics = Metrics::new();
    let calls: Family<Labels<1>, Counter> = Family::default();
    metrics.register("calls", "Calls made", calls.clone());
    calls.get_or_create(&[("source", "a\"b\n".into())]).inc();
    let text = metrics.text(&Registry::default()).unwrap();
    assert!(text.contains("# HELP calls Calls made.\n# TYPE calls counter\n"), "{text}");
    assert!(text.contains("calls_total{source=\"a\\\"b\\n\"} 1\n"), "{text}");
    assert!(text.contains("process_resident_memory_bytes "), "{text}");
    assert!(text.ends_with("# EOF\n"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_listener_is_off_until_it_is_asked_for_and_answers_one_path() {
    assert!(metrics::bind(&Settings::load(&Environment::empty()).unwrap()).unwrap().is_none());
    let environment = Environment::of([("AGGREGATOR_METRICS_LISTEN", "127.0.0.1:0")]);
    let listener = metrics::bind(&Settings::load(&environment).unwrap()).unwrap().unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = Shutdown::new();
    let served = tokio::spawn(metrics::serve(listener, Metrics::new(), shutdown.clone()));
    let answers = tokio::task::spawn_blocking(move || {
        [
            "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n",
            "POST /metrics HTTP/1.1\r\n\r\n",
        ]
        .map(|request| ask(address, request))
    });
    let [metrics, other, post] = answers.await.unwrap();
    assert!(
        metrics.starts_with("HTTP/1.1 200") && metrics.contains("application/openmetrics-text"),
        "{metrics}"
    );
    assert!(metrics.contains("process_resident_memory_bytes"), "{metrics}");
    assert!(other.starts_with("HTTP/1.1 404") && post.starts_with("HTTP/1.1 405"), "{other} {post}");
    // Too much of a head is not read.
    let long = format!("GET /metrics HTTP/1.1\r\nX: {}", "x".repeat(20_000));
    let refused = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        // The rest may meet a closed connection.
        let _ = stream.write_all(long.as_bytes());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        answer
    });
    assert_eq!(refused.await.unwrap(), b"");
    shutdown.request();
    served.await.unwrap().unwrap();
}

#[test]
fn metrics_are_not_served_to_the_world_by_accident() {
    let world = [("AGGREGATOR_METRICS_LISTEN", "0.0.0.0:9100")];
    let error = Settings::load(&Environment::of(world)).unwrap_err();
    assert_eq!(error.faults[0].key, "metrics.listen", "{error}");
    Settings::load(&Environment::of([world[0], ("AGGREGATOR_INSECURE", "1")])).unwrap();
}
