//! Packets for Wireshark and tshark: the recording's bytes in TCP connections made up around them, with
//! handshake, sequence numbers and checksums, between the addresses and ports of the `connected` events.
//!
//! What came over TLS stands there in plain text, on a port of its own that the dissectors take for HTTP:
//! 80 for 443, else 8080. The MSN dissector is at home on port 1863: MSNP stands there, whatever port it came by. Formats: pcapng (draft-ietf-opsawg-pcapng),
//! LINKTYPE_RAW (101): packets begin with their IP header.

use crate::event::{ConnectionId, Event, EventKind, Service, Timestamp};
use crate::msnp::Direction;
use crate::recording::message::with_true_length;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// What one packet carries at most, in bytes.
const SEGMENT: usize = 1_400;
/// The most connections that are open at a time; beyond that the oldest is forgotten.
const MOST_FLOWS: usize = 65_536;
const LINKTYPE_RAW: u16 = 101;
/// Where dissectors look for MSNP.
const MSNP: u16 = 1863;

const FIN: u8 = 1;
const SYN: u8 = 2;
const PSH: u8 = 8;
const ACK: u8 = 16;

/// A capture that is being written.
pub(super) struct Packets {
    show: bool,
    flows: BTreeMap<ConnectionId, Flow>,
    packets: u16,
}

/// One made-up TCP connection.
struct Flow {
    client: SocketAddr,
    server: SocketAddr,
    /// The next sequence number of each side.
    next: [u32; 2],
    /// No packet is earlier than the one before it.
    time: u64,
    begun: bool,
    comment: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    Client,
    Server,
}

impl Packets {
    pub fn begin(show: bool, out: &mut dyn Write) -> io::Result<Self> {
        // Section header: byte order, version 1.0, length not said, and who wrote it.
        let mut body = vec![0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0];
        body.extend_from_slice(&u64::MAX.to_le_bytes());
        let program = concat!("nudge ", env!("CARGO_PKG_VERSION"));
        option(4, program.as_bytes(), &mut body);
        end_of_options(&mut body);
        block(0x0a0d_0d0a, &body, out)?;
        // Interface: the kind of packets, no limit of length, and microseconds, which are the default.
        let mut body = LINKTYPE_RAW.to_le_bytes().to_vec();
        body.extend_from_slice(&[0; 6]);
        option(2, b"nudge", &mut body);
        end_of_options(&mut body);
        block(1, &body, out)?;
        Ok(Self {
            show,
            flows: BTreeMap::new(),
            packets: 0,
        })
    }

    /// Takes an event; whether it became packets with content. What is not `chosen` is taken in for its
    /// addresses alone.
    pub fn event(&mut self, event: &Event, chosen: bool, out: &mut dyn Write) -> io::Result<bool> {
        let Some(connection) = event.connection else {
            return Ok(false);
        };
        match &event.kind {
            EventKind::Connected {
                service,
                peer,
                local,
            } => {
                self.insert(connection, Flow::new(*service, *peer, *local));
                if chosen {
                    self.with(connection, event.time, out, |_, _, _| Ok(()))?;
                }
            }
            EventKind::Frame(told) if chosen => {
                let wire = told.frame.wire();
                let bytes = told.secrets.mask(wire, 0, wire.len(), self.show);
                let from = match told.direction {
                    Direction::In => From::Client,
                    Direction::Out => From::Server,
                };
                self.known(connection, told.service);
                self.with(connection, event.time, out, |flow, packet, out| {
                    flow.data(from, &bytes, packet, out)
                })?;
                return Ok(true);
            }
            EventKind::Http(http) if chosen => {
                let request = with_true_length(&http.request.shown(self.show), false);
                let response = with_true_length(&http.response.shown(self.show), true);
                let micros = u64::try_from(http.duration.as_micros()).unwrap_or(u64::MAX);
                let asked = Timestamp(event.time.0.saturating_sub(micros));
                self.known(connection, http.service);
                self.with(connection, asked, out, |flow, packet, out| {
                    flow.data(From::Client, &request, packet, out)
                })?;
                self.with(connection, event.time, out, |flow, packet, out| {
                    flow.data(From::Server, &response, packet, out)
                })?;
                return Ok(true);
            }
            EventKind::Disconnected { .. } => {
                if self.flows.get(&connection).is_some_and(|flow| flow.begun) {
                    self.with(connection, event.time, out, Flow::close)?;
                }
                self.flows.remove(&connection);
            }
            _ => {}
        }
        Ok(false)
    }

    pub fn end(self, out: &mut dyn Write) -> io::Result<()> {
        out.flush()
    }

    fn insert(&mut self, connection: ConnectionId, flow: Flow) {
        self.flows.insert(connection, flow);
        if self.flows.len() > MOST_FLOWS {
            self.flows.pop_first();
        }
    }

    /// Makes up addresses for a connection whose beginning is not in the recording.
    fn known(&mut self, connection: ConnectionId, service: Service) {
        if !self.flows.contains_key(&connection) {
            self.insert(connection, Flow::unknown(connection, service));
        }
    }

    fn with(
        &mut self,
        connection: ConnectionId,
        time: Timestamp,
        out: &mut dyn Write,
        what: impl FnOnce(&mut Flow, &mut u16, &mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        let Some(flow) = self.flows.get_mut(&connection) else {
            return Ok(());
        };
        flow.time = flow.time.max(time.0);
        flow.open(&mut self.packets, out)?;
        what(flow, &mut self.packets, out)
    }
}

impl Flow {
    fn new(service: Service, peer: SocketAddr, local: SocketAddr) -> Self {
        let (mut client, mut server) = (peer.ip().to_canonical(), local.ip().to_canonical());
        if client.is_ipv4() != server.is_ipv4() {
            (client, server) = (mapped(client).into(), mapped(server).into());
        }
        let (port, comment) = match service {
            Service::Https if local.port() == 443 => {
                (80, "came over TLS to port 443; here in plain text")
            }
            Service::Https => (8080, "came over TLS; here in plain text on port 8080"),
            Service::Notification | Service::Switchboard if local.port() != MSNP => {
                (MSNP, "came by another port; here on port 1863")
            }
            Service::Notification | Service::Switchboard | Service::Http => (local.port(), ""),
        };
        Self {
            client: SocketAddr::new(client, peer.port()),
            server: SocketAddr::new(server, port),
            next: [1_000, 2_000],
            time: 0,
            begun: false,
            comment,
        }
    }

    fn unknown(connection: ConnectionId, service: Service) -> Self {
        let port = match service {
            Service::Notification | Service::Switchboard => MSNP,
            Service::Https => 443,
            Service::Http => 80,
        };
        // Addresses that are kept for examples (RFC 5737).
        let client = Ipv4Addr::new(192, 0, 2, 1);
        let peer = 49_152 + (connection.0 % 16_384) as u16;
        let server = Ipv4Addr::new(192, 0, 2, 254);
        Self {
            comment: "the recording does not have the addresses of this connection",
            ..Self::new(service, (client, peer).into(), (server, port).into())
        }
    }

    fn open(&mut self, packets: &mut u16, out: &mut dyn Write) -> io::Result<()> {
        if self.begun {
            return Ok(());
        }
        self.begun = true;
        self.packet(From::Client, SYN, &[], packets, out)?;
        self.packet(From::Server, SYN | ACK, &[], packets, out)?;
        self.packet(From::Client, ACK, &[], packets, out)
    }

    fn data(
        &mut self,
        from: From,
        bytes: &[u8],
        packets: &mut u16,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut pieces = bytes.chunks(SEGMENT).peekable();
        while let Some(piece) = pieces.next() {
            let push = if pieces.peek().is_none() { PSH } else { 0 };
            self.packet(from, ACK | push, piece, packets, out)?;
        }
        Ok(())
    }

    fn close(&mut self, packets: &mut u16, out: &mut dyn Write) -> io::Result<()> {
        self.packet(From::Client, FIN | ACK, &[], packets, out)?;
        self.packet(From::Server, FIN | ACK, &[], packets, out)?;
        self.packet(From::Client, ACK, &[], packets, out)
    }

    fn packet(
        &mut self,
        from: From,
        flags: u8,
        data: &[u8],
        packets: &mut u16,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let (source, target, own, other) = match from {
            From::Client => (self.client, self.server, 0, 1),
            From::Server => (self.server, self.client, 1, 0),
        };
        let acknowledged = if flags & ACK == 0 {
            0
        } else {
            self.next[other]
        };
        let mut tcp = Vec::with_capacity(20 + data.len());
        tcp.extend_from_slice(&source.port().to_be_bytes());
        tcp.extend_from_slice(&target.port().to_be_bytes());
        tcp.extend_from_slice(&self.next[own].to_be_bytes());
        tcp.extend_from_slice(&acknowledged.to_be_bytes());
        // Five words of header, then the flags, the window, and room for the checksum.
        tcp.extend_from_slice(&[0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
        tcp.extend_from_slice(data);
        let taken = data.len() as u32 + u32::from(flags & (SYN | FIN) != 0);
        self.next[own] = self.next[own].wrapping_add(taken);
        let packet = match (source.ip(), target.ip()) {
            (IpAddr::V4(source), IpAddr::V4(target)) => v4(source, target, *packets, &mut tcp),
            (source, target) => v6(mapped(source), mapped(target), &mut tcp),
        };
        *packets = packets.wrapping_add(1);
        let comment = if flags == SYN { self.comment } else { "" };
        enhanced(self.time, &packet, comment, out)
    }
}

fn mapped(address: IpAddr) -> Ipv6Addr {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    }
}

/// The ones' complement sum of RFC 1071.
fn checksum(pieces: &[&[u8]]) -> [u8; 2] {
    let mut sum = 0_u64;
    // Every piece but the last is of even length.
    for piece in pieces {
        let mut pairs = piece.chunks_exact(2);
        for pair in &mut pairs {
            sum += u64::from(u16::from_be_bytes([pair[0], pair[1]]));
        }
        if let [last] = pairs.remainder() {
            sum += u64::from(*last) << 8;
        }
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    (!(sum as u16)).to_be_bytes()
}

fn v4(source: Ipv4Addr, target: Ipv4Addr, id: u16, tcp: &mut [u8]) -> Vec<u8> {
    let length = tcp.len() as u16;
    let (source, target) = (source.octets(), target.octets());
    let sum = checksum(&[&source, &target, &[0, 6], &length.to_be_bytes(), tcp]);
    tcp[16..18].copy_from_slice(&sum);
    // Version 4, five words, no fragments, 64 hops, TCP.
    let mut packet = vec![0x45, 0];
    packet.extend_from_slice(&(length + 20).to_be_bytes());
    packet.extend_from_slice(&id.to_be_bytes());
    packet.extend_from_slice(&[0x40, 0, 64, 6, 0, 0]);
    packet.extend_from_slice(&source);
    packet.extend_from_slice(&target);
    let sum = checksum(&[&packet]);
    packet[10..12].copy_from_slice(&sum);
    packet.extend_from_slice(tcp);
    packet
}

fn v6(source: Ipv6Addr, target: Ipv6Addr, tcp: &mut [u8]) -> Vec<u8> {
    let length = tcp.len() as u16;
    let (source, target) = (source.octets(), target.octets());
    let sum = checksum(&[
        &source,
        &target,
        &[0, 0],
        &length.to_be_bytes(),
        &[0, 0, 0, 6],
        tcp,
    ]);
    tcp[16..18].copy_from_slice(&sum);
    // Version 6, TCP, 64 hops.
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend_from_slice(&length.to_be_bytes());
    packet.extend_from_slice(&[6, 64]);
    packet.extend_from_slice(&source);
    packet.extend_from_slice(&target);
    packet.extend_from_slice(tcp);
    packet
}

fn padding(length: usize) -> &'static [u8] {
    &[0; 3][..(4 - length % 4) % 4]
}

fn option(code: u16, value: &[u8], body: &mut Vec<u8>) {
    body.extend_from_slice(&code.to_le_bytes());
    body.extend_from_slice(&(value.len() as u16).to_le_bytes());
    body.extend_from_slice(value);
    body.extend_from_slice(padding(value.len()));
}

fn end_of_options(body: &mut Vec<u8>) {
    body.extend_from_slice(&[0; 4]);
}

fn block(kind: u32, body: &[u8], out: &mut dyn Write) -> io::Result<()> {
    let length = (body.len() as u32 + 12).to_le_bytes();
    out.write_all(&kind.to_le_bytes())?;
    out.write_all(&length)?;
    out.write_all(body)?;
    out.write_all(&length)
}

fn enhanced(time: u64, packet: &[u8], comment: &str, out: &mut dyn Write) -> io::Result<()> {
    let length = (packet.len() as u32).to_le_bytes();
    let mut body = Vec::with_capacity(packet.len() + 64);
    body.extend_from_slice(&0_u32.to_le_bytes());
    body.extend_from_slice(&((time >> 32) as u32).to_le_bytes());
    body.extend_from_slice(&(time as u32).to_le_bytes());
    body.extend_from_slice(&length);
    body.extend_from_slice(&length);
    body.extend_from_slice(packet);
    body.extend_from_slice(padding(packet.len()));
    if !comment.is_empty() {
        option(1, comment.as_bytes(), &mut body);
        end_of_options(&mut body);
    }
    block(6, &body, out)
}
