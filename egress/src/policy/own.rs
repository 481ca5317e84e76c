//! The platform's own services, whichever of their addresses leads there.

use std::net::{IpAddr, UdpSocket};

use super::hidden;
use crate::EgressConfig;

/// The names of own services at this port; their addresses are the resolver's to tell.
pub(crate) fn named_at(config: &EgressConfig, port: u16) -> impl Iterator<Item = &str> {
    let at_port = config.own_services.iter().filter(move |own| own.port == port);
    at_port.map(|own| own.host.as_str()).filter(|host| host.parse::<IpAddr>().is_err())
}

/// True where one of the own services whose address the settings tell listens.
pub(super) fn is_literally_own(config: &EgressConfig, address: IpAddr, port: u16) -> bool {
    let at_port = config.own_services.iter().filter(|own| own.port == port);
    let own: Vec<IpAddr> = at_port.filter_map(|own| own.host.parse().ok()).collect();
    is_among(&own, address)
}

/// True when this address, or one hidden in it, leads to one of these.
pub(crate) fn is_among(own: &[IpAddr], address: IpAddr) -> bool {
    let address = address.to_canonical();
    let is_own = |address: IpAddr| own.iter().any(|own| is_same(own.to_canonical(), address));
    is_own(address) || hidden(address).any(|inside| is_own(inside.into()))
}

/// What listens on this machine may do so on each of its addresses, so all of them are one.
fn is_same(own: IpAddr, address: IpAddr) -> bool {
    own == address || (is_of_this_machine(own) && is_of_this_machine(address))
}

/// True for an address of this machine: the system binds no other.
fn is_of_this_machine(address: IpAddr) -> bool {
    address.is_loopback() || address.is_unspecified() || UdpSocket::bind((address, 0)).is_ok()
}
