//! A DNS server that answers from a table, over UDP and TCP.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::Arc;

use hickory_proto::op::{Message, OpCode, ResponseCode};
use hickory_proto::rr::{Name, RData, Record, RecordType, rdata};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

/// What the server does with a question.
#[derive(Debug, Clone)]
pub(super) enum Reply {
    /// These records, of any type; those of other types than asked for are left out.
    Records(Vec<RData>),
    /// The same, over TCP alone: UDP gets the mark that the answer does not fit.
    OverTcp(Vec<RData>),
    /// Only ever the mark that the answer does not fit.
    Truncated,
    /// An empty answer with this code.
    Code(ResponseCode),
    /// No answer.
    Silence,
    /// Bytes that are no DNS.
    Garbage,
}

/// Replies by name; a type a name does not have is an empty answer, a name that is not there is NXDOMAIN. A reply for
/// one type stands before that for the name.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    names: HashMap<String, Reply>,
    types: HashMap<(String, RecordType), Reply>,
}

impl Table {
    pub(super) fn name(mut self, name: &str, reply: Reply) -> Self {
        self.names.insert(name.to_owned(), reply);
        self
    }

    pub(super) fn only(mut self, name: &str, kind: RecordType, reply: Reply) -> Self {
        self.types.insert((name.to_owned(), kind), reply);
        self
    }

    fn reply(&self, name: &str, kind: RecordType) -> Reply {
        let reply = self.types.get(&(name.to_owned(), kind)).or_else(|| self.names.get(name));
        let there = self.types.keys().any(|(of, _)| of == name);
        let otherwise = if there { ResponseCode::NoError } else { ResponseCode::NXDomain };
        reply.cloned().unwrap_or(Reply::Code(otherwise))
    }

    /// The bytes of an answer; `None` for none.
    fn answer(&self, question: &[u8], tcp: bool) -> Option<Vec<u8>> {
        let question = Message::from_vec(question).unwrap();
        let query = question.queries.first().unwrap().clone();
        let (name, kind) = (query.name().clone(), query.query_type());
        let mut answer = Message::response(question.metadata.id, OpCode::Query);
        answer.metadata.recursion_desired = true;
        answer.metadata.recursion_available = true;
        answer.add_query(query);
        let asked = name.to_ascii().to_ascii_lowercase();
        let records = match self.reply(asked.trim_end_matches('.'), kind) {
            Reply::Silence => return None,
            Reply::Garbage => return Some(b"this is no DNS".to_vec()),
            Reply::Code(code) => {
                answer.metadata.response_code = code;
                Vec::new()
            }
            Reply::Truncated => {
                answer.metadata.truncation = true;
                Vec::new()
            }
            Reply::OverTcp(_) if !tcp => {
                answer.metadata.truncation = true;
                Vec::new()
            }
            Reply::Records(records) | Reply::OverTcp(records) => records,
        };
        let is_asked = |data: &RData| [kind, RecordType::CNAME].contains(&data.record_type());
        for data in records.into_iter().filter(is_asked) {
            answer.add_answer(Record::from_rdata(name.clone(), 300, data));
        }
        Some(answer.to_vec().unwrap())
    }
}

/// Serves the table on one port of this machine, until the test ends.
pub(super) async fn serve(table: Table) -> SocketAddr {
    let table = Arc::new(table);
    let (udp, tcp) = bind().await;
    let address = udp.local_addr().unwrap();
    let of_udp = Arc::clone(&table);
    tokio::spawn(async move {
        let mut buffer = [0; 4_096];
        loop {
            let (length, from) = udp.recv_from(&mut buffer).await.unwrap();
            if let Some(answer) = of_udp.answer(&buffer[..length], false) {
                udp.send_to(&answer, from).await.unwrap();
            }
        }
    });
    tokio::spawn(async move {
        loop {
            let (stream, _) = tcp.accept().await.unwrap();
            tokio::spawn(connection(stream, Arc::clone(&table)));
        }
    });
    address
}

/// Both sockets on the same port, whichever is free on both.
async fn bind() -> (UdpSocket, TcpListener) {
    loop {
        let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()).await {
            return (udp, tcp);
        }
    }
}

/// Questions and answers, each with its length before it, until the other side goes.
async fn connection(mut stream: TcpStream, table: Arc<Table>) {
    while let Ok(length) = stream.read_u16().await {
        let mut question = vec![0; usize::from(length)];
        stream.read_exact(&mut question).await.unwrap();
        if let Some(answer) = table.answer(&question, true) {
            stream.write_u16(u16::try_from(answer.len()).unwrap()).await.unwrap();
            stream.write_all(&answer).await.unwrap();
        }
    }
}

fn host(text: &str) -> Name {
    Name::from_ascii(format!("{}.", text.trim_end_matches('.'))).unwrap()
}

pub(super) fn a(address: &str) -> RData {
    RData::A(rdata::A::from_str(address).unwrap())
}

pub(super) fn aaaa(address: &str) -> RData {
    RData::AAAA(rdata::AAAA::from_str(address).unwrap())
}

pub(super) fn ns(name: &str) -> RData {
    RData::NS(rdata::NS(host(name)))
}

pub(super) fn mx(preference: u16, name: &str) -> RData {
    RData::MX(rdata::MX::new(preference, host(name)))
}

pub(super) fn ptr(name: &str) -> RData {
    RData::PTR(rdata::PTR(host(name)))
}

pub(super) fn cname(name: &str) -> RData {
    RData::CNAME(rdata::CNAME(host(name)))
}

pub(super) fn txt(text: &str) -> RData {
    RData::TXT(rdata::TXT::new(vec![text.to_owned()]))
}
