//! A collector of traces on the other side: takes OTLP over gRPC and keeps what it is sent.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};
use prost::Message;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// A span as it arrived. Ids are hexadecimal; every value is text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collected {
    /// Its trace.
    pub trace: String,
    /// Itself.
    pub id: String,
    /// The span it is a child of; empty for none.
    pub parent: String,
    /// Its name.
    pub name: String,
    /// 1 internal, 2 server, 3 client, 4 producer, 5 consumer.
    pub kind: i32,
    /// What it says.
    pub attributes: BTreeMap<String, String>,
    /// Whose it is.
    pub resource: BTreeMap<String, String>,
}

/// A collector on a port of its own, in a thread of its own; gone when dropped.
pub struct Collector {
    port: u16,
    spans: Arc<Mutex<Vec<Collected>>>,
    _running: oneshot::Sender<()>,
}

impl Collector {
    /// Starts it.
    pub fn start() -> Self {
        let spans = Arc::new(Mutex::new(Vec::new()));
        let (running, stopped) = oneshot::channel();
        let (port, bound) = mpsc::channel();
        let collected = Arc::clone(&spans);
        std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async move {
                let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
                let _ = port.send(listener.local_addr().expect("an address").port());
                let accepting = async {
                    while let Ok((stream, _)) = listener.accept().await {
                        let collected = Arc::clone(&collected);
                        tokio::spawn(async move { serve(stream, &collected).await });
                    }
                };
                tokio::select! {
                    () = accepting => {}
                    _ = stopped => {}
                }
            });
        });
        Self { port: bound.recv().expect("the collector starts"), spans, _running: running }
    }

    /// Its address, `http://127.0.0.1:port`.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What arrived so far of a trace.
    pub fn trace(&self, trace: &str) -> Vec<Collected> {
        let spans = self.spans.lock().unwrap_or_else(PoisonError::into_inner);
        spans.iter().filter(|span| span.trace == trace).cloned().collect()
    }

    /// Everything that arrived so far.
    pub fn all(&self) -> Vec<Collected> {
        self.spans.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Answers the calls of one connection; each is one batch.
async fn serve(stream: TcpStream, spans: &Arc<Mutex<Vec<Collected>>>) -> Result<(), h2::Error> {
    let mut connection = h2::server::handshake(stream).await?;
    while let Some(call) = connection.accept().await {
        let (request, mut respond) = call?;
        let spans = Arc::clone(spans);
        // The connection moves on only while it is asked for the next call.
        tokio::spawn(async move {
            let mut body = request.into_body();
            let mut message = Vec::new();
            while let Some(part) = body.data().await {
                let part = part?;
                body.flow_control().release_capacity(part.len())?;
                message.extend_from_slice(&part);
            }
            // gRPC puts a flag and a length before the message.
            let batch = message.get(5..).and_then(|message| ExportTraceServiceRequest::decode(message).ok());
            spans.lock().unwrap_or_else(PoisonError::into_inner).extend(batch.into_iter().flat_map(read));
            let mut head = Response::new(());
            head.headers_mut().insert("content-type", HeaderValue::from_static("application/grpc"));
            let mut answer = respond.send_response(head, false)?;
            answer.send_data(Bytes::from_static(&[0; 5]), false)?;
            let status = HeaderMap::from_iter([(
                http::header::HeaderName::from_static("grpc-status"),
                HeaderValue::from_static("0"),
            )]);
            answer.send_trailers(status)
        });
    }
    Ok(())
}

fn read(batch: ExportTraceServiceRequest) -> Vec<Collected> {
    let mut collected = Vec::new();
    for of in batch.resource_spans {
        let resource = attributes(of.resource.unwrap_or_default().attributes);
        for span in of.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            collected.push(Collected {
                trace: hex(&span.trace_id),
                id: hex(&span.span_id),
                parent: hex(&span.parent_span_id),
                name: span.name,
                kind: span.kind,
                attributes: attributes(span.attributes),
                resource: resource.clone(),
            });
        }
    }
    collected
}

fn attributes(of: Vec<KeyValue>) -> BTreeMap<String, String> {
    let text = |value| match value {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    };
    of.into_iter().map(|of| (of.key, text(of.value.and_then(|value| value.value)))).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
