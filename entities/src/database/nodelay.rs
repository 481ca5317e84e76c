//! `TCP_NODELAY` for the connections to PostgreSQL.
//!
//! sqlx 0.9 leaves Nagle's algorithm on, and a statement of more than one segment then waits for the server's delayed
//! acknowledgement: 40 ms each, measured here as 16 s instead of 2 s for the intake of 353,172 lines. sqlx gives no way to
//! its socket, so the sockets of this process whose peer is the database are looked up and duplicated through
//! `pidfd_getfd` (Linux 5.6) – safe code, and the option belongs to the shared description. Where the system refuses,
//! nothing is lost but time. Remove this when sqlx sets the option itself.

use std::fs;

use rustix::fd::AsFd;
use rustix::net::{SocketAddrAny, getpeername, sockopt};
use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};

/// Sets the option on every socket of this process whose peer has this port.
pub(super) fn set(port: u16) {
    let Ok(own) = pidfd_open(getpid(), PidfdFlags::empty()) else { return };
    let Ok(descriptors) = fs::read_dir("/proc/self/fd") else { return };
    for entry in descriptors.flatten() {
        let is_socket =
            fs::read_link(entry.path()).is_ok_and(|target| target.to_string_lossy().starts_with("socket:"));
        let Some(number) =
            entry.file_name().to_str().and_then(|name| name.parse().ok()).filter(|_| is_socket)
        else {
            continue;
        };
        if let Ok(socket) = pidfd_getfd(&own, number, PidfdGetfdFlags::empty())
            && peer_port(&socket) == Some(port)
        {
            // An option that cannot be set costs time, not correctness.
            let _ = sockopt::set_tcp_nodelay(&socket, true);
        }
    }
}

fn peer_port(socket: impl AsFd) -> Option<u16> {
    let peer: SocketAddrAny = getpeername(socket).ok()??;
    std::net::SocketAddr::try_from(peer).ok().map(|peer| peer.port())
}
