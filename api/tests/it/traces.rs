//! One trace from the request over the queue to the call, and no trace of it where none is sent.

use std::sync::Arc;
use std::time::Duration;

use aggregator_platform::{Environment, Settings, telemetry};
use aggregator_testkit::{Collected, Collector, Pushed, Reply, Upstream};
use reqwest::Method;
use serde_json::Value;

use crate::harness::{Answer, Ground, Server};
use crate::lookups::upstream::mirrors;
use crate::submissions::client::{SUBMISSIONS, path_of};

const CALLER: &str = "00f067aa0ba902b7";

/// The queues of a small submission.
const QUEUES: [&str; 2] = ["screen:interactive", "lookup:interactive"];

const ANSWER: &str = r#"{"cpes":[],"hostnames":[],"ip":"192.0.2.1","ports":[443],"tags":[],"vulns":[]}"#;

/// A server that asks one source, which knows everything; what is pushed into its Redis, where it has one.
async fn serving(ground: Ground, upstream: &Upstream, collector: Option<&str>) -> (Server, Option<Pushed>) {
    let variables: Vec<_> =
        collector.iter().map(|url| ("AGGREGATOR_TELEMETRY_OTLP_ENDPOINT", *url)).collect();
    let pushed = match &ground.redis {
        Some(redis) => Some(redis.watch().await),
        None => None,
    };
    let server = Server::on(Arc::new(ground), &variables, |state| state).await;
    server.work_with(mirrors(upstream));
    (server, pushed)
}

fn start(collector: &str, more: &[(&str, &str)]) -> telemetry::Telemetry {
    let own = [
        ("AGGREGATOR_TELEMETRY_OTLP_ENDPOINT", collector),
        ("AGGREGATOR_TELEMETRY_SERVICE_NAME", "rehearsal"),
    ];
    let settings = Settings::load(&Environment::of(own.iter().chain(more).copied())).unwrap();
    telemetry::start(&settings, "test").unwrap()
}

/// Asks one source about an address; the answer, and the submission, which is done.
async fn submit(server: &Server, address: &str, traceparent: Option<&str>) -> (Answer, Value) {
    let request =
        server.request(Method::POST, &format!("{SUBMISSIONS}?playbook=keyless&sources=db-a&wait=60"));
    let request = match traceparent {
        Some(traceparent) => request.header("traceparent", traceparent),
        None => request,
    };
    let answer = server.send(request.header("content-type", "text/plain").body(format!("{address}\n"))).await;
    let submission = answer.json();
    assert_eq!(submission["state"], "done", "{submission}");
    (answer, submission)
}

/// The one span of this name; with a parent, the one of its children.
#[track_caller]
fn one<'a>(spans: &'a [Collected], name: &str, parent: Option<&Collected>) -> &'a Collected {
    let fits = |span: &&Collected| span.name == name && parent.is_none_or(|parent| span.parent == parent.id);
    let found: Vec<_> = spans.iter().filter(fits).collect();
    assert_eq!(found.len(), 1, "{name}: {spans:#?}");
    found[0]
}

/// Request, two pushes, two jobs with three steps each, the exchange of the call.
const SPANS: usize = 12;

/// The same where nobody is asked.
const LOCAL_SPANS: usize = 6;

/// Everything of a trace, once all of it has arrived.
async fn whole(
    telemetry: &telemetry::Telemetry,
    collector: &Collector,
    (trace, count): (&str, usize),
) -> Vec<Collected> {
    loop {
        telemetry.flush();
        let spans = collector.trace(trace);
        if spans.len() >= count {
            return spans;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn one_trace_runs_from_the_request_over_the_queue_to_the_call() {
    let collector = Collector::start();
    let telemetry = start(&collector.url(), &[]);
    for (number, ground) in Ground::both().await.into_iter().enumerate() {
        let upstream = Upstream::start(|_, _| Reply::json(200, ANSWER));
        let (server, pushed) = serving(ground, &upstream, Some(&collector.url())).await;
        let trace = format!("4bf92f3577b34da6a3ce929d0e0e473{number}");
        let (answer, _) = submit(&server, "192.0.2.1", Some(&format!("00-{trace}-{CALLER}-01"))).await;
        let spans = whole(&telemetry, &collector, (&trace, SPANS)).await;

        let request = one(&spans, "POST /api/v1/submissions", None);
        assert_eq!((request.parent.as_str(), request.kind), (CALLER, 2));
        assert_eq!(request.attributes["http.response.status_code"], "200");
        assert_eq!(answer.header("traceresponse"), format!("00-{trace}-{}-01", request.id));
        for (queue, steps) in [
            ("screen:interactive", ["claim", "judge", "write"]),
            ("lookup:interactive", ["claim", "call", "write"]),
        ] {
            let push = one(&spans, &format!("push {queue}"), Some(request));
            assert_eq!((push.kind, push.attributes["messaging.batch.message_count"].as_str()), (4, "1"));
            let job = one(&spans, &format!("job {queue}"), Some(push));
            assert_eq!(job.kind, 5);
            for step in steps {
                one(&spans, step, Some(job));
            }
        }
        let call = one(&spans, "call", None);
        assert_eq!(
            (call.attributes["source"].as_str(), call.attributes["outcome"].as_str()),
            ("db-a", "found")
        );
        let sent = one(&spans, "GET", Some(call));
        assert_eq!(
            (sent.kind, &sent.attributes["server.address"], &sent.attributes["http.response.status_code"]),
            (3, &"127.0.0.1".to_owned(), &"200".to_owned())
        );
        assert_eq!(spans.len(), SPANS, "{spans:#?}");
        for (name, value) in [("service.name", "rehearsal"), ("aggregator.role", "test")] {
            assert_eq!(request.resource[name], value);
        }
        assert!(!format!("{spans:?}").contains("192.0.2.1"), "an indicator is in {spans:#?}");

        assert_eq!((upstream.seen().len(), upstream.traced()), (1, 0), "a stranger was told of the trace");
        for queue in QUEUES {
            let Some(pushed) = &pushed else { continue };
            let push = one(&spans, &format!("push {queue}"), None);
            let traced = format!(r#"],\"trace\":\"00-{trace}-{}-01\"}}"#, push.id);
            for command in pushed.into_queue(queue).await {
                assert!(command.contains(&traced), "{command} lacks {traced}");
            }
        }
    }
}

/// What is offered together is pushed, claimed and committed together; each keeps its own trace, and one without has none.
#[tokio::test]
async fn a_push_of_many_submissions_keeps_their_traces_apart() {
    let collector = Collector::start();
    let telemetry = start(&collector.url(), &[("AGGREGATOR_TELEMETRY_SAMPLE_RATIO", "0")]);
    for (number, ground) in Ground::both().await.into_iter().enumerate() {
        let variables = [("AGGREGATOR_TELEMETRY_OTLP_ENDPOINT", collector.url())];
        let variables = variables.each_ref().map(|(name, url)| (*name, url.as_str()));
        let server = Server::on(Arc::new(ground), &variables, |state| state).await;
        let traces = ["a", "b"].map(|trace| trace.repeat(31) + &number.to_string());
        let mut paths = Vec::new();
        for flagged in
            [format!("{}-{CALLER}-01", traces[0]), format!("{}-{CALLER}-01", traces[1]), "-".to_owned()]
        {
            let request =
                server.request(Method::POST, SUBMISSIONS).header("traceparent", format!("00-{flagged}"));
            let submitted =
                server.send(request.header("content-type", "text/plain").body("192.0.2.1\n")).await;
            paths.push(path_of(&submitted.json()));
        }
        server.work();
        for path in &paths {
            server.until(path, |submission| submission["state"] == "done").await;
        }
        for trace in &traces {
            let spans = whole(&telemetry, &collector, (trace, LOCAL_SPANS)).await;
            let request = one(&spans, "POST /api/v1/submissions", None);
            let push = one(&spans, "push screen:interactive", Some(request));
            assert_eq!(push.attributes["messaging.batch.message_count"], "1");
            one(&spans, "write", Some(one(&spans, "job screen:interactive", Some(push))));
            assert_eq!(spans.len(), LOCAL_SPANS, "{spans:#?}");
        }
        assert_eq!(collector.all().len(), 2 * LOCAL_SPANS * (number + 1), "the third was traced, too");
    }
}

#[tokio::test]
async fn nothing_is_stored_or_pushed_where_no_traces_are_sent() {
    for ground in Ground::both().await {
        let upstream = Upstream::start(|_, _| Reply::json(200, ANSWER));
        let (server, pushed) = serving(ground, &upstream, None).await;
        let traceparent = format!("00-4bf92f3577b34da6a3ce929d0e0e4736-{CALLER}-01");
        let (answer, _) = submit(&server, "192.0.2.1", Some(&traceparent)).await;
        assert_eq!(answer.header("traceresponse"), "");
        assert_eq!(server.ground.rows.count("submissions WHERE traceparent IS NOT NULL").await, 0);
        for queue in QUEUES {
            let Some(pushed) = &pushed else { continue };
            for command in pushed.into_queue(queue).await {
                assert!(!command.contains("trace"), "{command}");
            }
        }
    }
}

/// A caller's own decision holds; the ratio is for those who made none. What is not sampled leaves nothing anywhere.
#[tokio::test]
async fn the_caller_or_the_ratio_says_what_is_kept() {
    let collector = Collector::start();
    let telemetry = start(&collector.url(), &[("AGGREGATOR_TELEMETRY_SAMPLE_RATIO", "0")]);
    let upstream = Upstream::start(|_, _| Reply::json(200, ANSWER));
    let (server, _) = serving(Ground::embedded().await, &upstream, Some(&collector.url())).await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    for unsampled in [None, Some(format!("00-{trace}-{CALLER}-00")), Some("rubbish".to_owned())] {
        let (answer, _) = submit(&server, "192.0.2.1", unsampled.as_deref()).await;
        assert_eq!(answer.header("traceresponse"), "", "{unsampled:?}");
    }
    assert_eq!(server.ground.rows.count("submissions WHERE traceparent IS NOT NULL").await, 0);
    let (answer, _) = submit(&server, "192.0.2.2", Some(&format!("00-{trace}-{CALLER}-01"))).await;
    assert!(answer.header("traceresponse").starts_with(&format!("00-{trace}-")), "{answer:?}");
    let spans = whole(&telemetry, &collector, (trace, SPANS)).await;
    assert_eq!(collector.all(), spans, "something else was sent");
}
