//! The network: per connection and direction one pipe, in order. Pieces take their time, may be cut and joined, held and
//! lost with their connection; two connections know nothing of each other's order.

use std::collections::VecDeque;

use causerie_core::protocol::ClientId;

/// What goes through a pipe.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Packet {
    /// Bytes, never none.
    Bytes(Vec<u8>),
    /// The end, in order: nothing more is said.
    Fin,
    /// The end of the connection.
    Reset,
}

/// One direction of a connection.
#[derive(Clone, Debug, Default)]
pub struct Pipe {
    /// On the way, each with when it arrives: in order, whatever it would have taken by itself.
    packets: VecDeque<(u64, Packet)>,
    /// Bytes among them.
    bytes: usize,
    /// When the last one arrives.
    last: u64,
    /// Packets sent so far.
    sent: u64,
    /// When its end is looked at next.
    pub(super) looked_at: Option<u64>,
}

impl Pipe {
    /// Sends something that would arrive then: after all that was sent before it.
    pub fn send(&mut self, arrives: u64, packet: Packet) {
        self.last = self.last.max(arrives);
        self.sent += 1;
        if let Packet::Bytes(bytes) = &packet {
            self.bytes += bytes.len();
        }
        self.packets.push_back((self.last, packet));
    }

    /// Loses what is on the way.
    pub fn lose(&mut self) {
        self.packets.clear();
        self.bytes = 0;
    }

    /// What has arrived next, if anything has. Bytes bring along those that arrived after them, if `merged`.
    pub fn take(&mut self, now: u64, merged: bool) -> Option<Packet> {
        let (_, mut packet) = self.packets.pop_front_if(|(at, _)| *at <= now)?;
        if let Packet::Bytes(bytes) = &mut packet {
            while merged
                && let Some((at, Packet::Bytes(more))) = self.packets.front()
                && *at <= now
            {
                bytes.extend_from_slice(more);
                self.packets.pop_front();
            }
            self.bytes -= bytes.len();
        }
        Some(packet)
    }

    /// What comes out next, whenever that is.
    #[must_use]
    pub fn front(&self) -> Option<&Packet> {
        self.packets.front().map(|(_, packet)| packet)
    }

    /// Whether a reset has arrived, if only behind what is not read yet.
    #[must_use]
    pub fn is_reset(&self, now: u64) -> bool {
        self.packets.iter().any(|(at, packet)| *at <= now && *packet == Packet::Reset)
    }

    /// When the last of what was sent arrives.
    #[must_use]
    pub const fn last(&self) -> u64 {
        self.last
    }

    /// When that arrives.
    #[must_use]
    pub fn due(&self) -> Option<u64> {
        self.packets.front().map(|(at, _)| *at)
    }

    /// Bytes on the way.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Packets sent so far.
    #[must_use]
    pub const fn sent(&self) -> u64 {
        self.sent
    }
}

/// Cuts bytes into pieces, none of them empty. `draw` gives numbers below its argument.
pub fn pieces(mut bytes: Vec<u8>, mut draw: impl FnMut(u64) -> u64) -> Vec<Vec<u8>> {
    let mut pieces = Vec::new();
    for _ in 0..=draw(4) {
        if bytes.len() < 2 {
            break;
        }
        let at = 1 + usize::try_from(draw(bytes.len() as u64 - 1)).expect("it is below a length");
        let rest = bytes.split_off(at);
        pieces.push(std::mem::replace(&mut bytes, rest));
    }
    pieces.push(bytes);
    pieces
}

/// A connection, seen from outside.
#[derive(Debug)]
pub(super) struct Conn {
    /// Whose.
    pub(super) life: usize,
    /// The client's attempt it came of.
    pub(super) attempt: u64,
    pub(super) up: Pipe,
    pub(super) down: Pipe,
    /// The client's end is open.
    pub(super) client: bool,
    /// It stands, as far as the client knows.
    pub(super) stands: bool,
    pub(super) server: End,
    /// Carries nothing any more, and nobody is told.
    pub(super) dark: bool,
    /// How many faults hold it.
    pub(super) held: u32,
    /// The server has something to write.
    pub(super) ready: bool,
    /// The server does not read.
    pub(super) paused: bool,
    /// Who it is, if it is a guest's.
    pub(super) guest: ClientId,
    /// Its client was welcomed on it.
    pub(super) welcomed: bool,
    /// Pages of what it had yet to see.
    pub(super) pages: u32,
    /// A write for it is planned.
    pub(super) turn: bool,
}

/// The server's end of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum End {
    /// Open.
    Open,
    /// To be closed once all is written.
    Closing,
    /// All is written, and the peer was told; until it says so too.
    Shut,
    /// Gone.
    Gone,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str) -> Packet {
        Packet::Bytes(text.as_bytes().to_vec())
    }

    #[test]
    fn what_would_arrive_earlier_does_not_overtake() {
        let mut pipe = Pipe::default();
        pipe.send(9, bytes("a"));
        pipe.send(3, bytes("b"));
        pipe.send(12, Packet::Fin);
        assert_eq!(pipe.take(8, false), None, "nothing arrives before its time");
        assert_eq!(pipe.take(9, false), Some(bytes("a")));
        assert_eq!(pipe.take(9, false), Some(bytes("b")));
        assert_eq!((pipe.take(9, false), pipe.due()), (None, Some(12)));
        assert_eq!(pipe.take(12, false), Some(Packet::Fin));
    }

    #[test]
    fn merging_takes_what_has_arrived_and_never_the_end() {
        let mut pipe = Pipe::default();
        for text in ["a", "b"] {
            pipe.send(1, bytes(text));
        }
        pipe.send(5, bytes("c"));
        pipe.send(5, Packet::Reset);
        assert_eq!(pipe.bytes(), 3);
        assert_eq!(pipe.take(2, true), Some(bytes("ab")));
        assert_eq!(pipe.take(5, true), Some(bytes("c")));
        assert_eq!((pipe.bytes(), pipe.take(5, true)), (0, Some(Packet::Reset)));
    }

    #[test]
    fn a_reset_is_there_when_it_arrives_though_nothing_before_it_is_read() {
        let mut pipe = Pipe::default();
        pipe.send(1, bytes("a"));
        pipe.send(4, Packet::Reset);
        assert_eq!((pipe.last(), pipe.is_reset(3), pipe.is_reset(4)), (4, false, true));
        assert_eq!(pipe.take(4, true), Some(bytes("a")));
    }

    #[test]
    fn what_is_lost_does_not_arrive_and_what_is_sent_after_it_does() {
        let mut pipe = Pipe::default();
        pipe.send(1, bytes("a"));
        pipe.lose();
        pipe.send(1, Packet::Reset);
        assert_eq!((pipe.bytes(), pipe.sent()), (0, 2));
        assert_eq!(pipe.take(1, true), Some(Packet::Reset));
    }

    #[test]
    fn pieces_hold_all_bytes_in_order_and_none_is_empty() {
        let entropy = crate::entropy::Entropy::new(3);
        for length in 1..40_u8 {
            let whole: Vec<u8> = (0..length).collect();
            let mut stream = entropy.stream(u64::from(length));
            let cut = pieces(whole.clone(), |end| stream.below(end));
            assert!(cut.iter().all(|piece| !piece.is_empty()), "{cut:?}");
            assert_eq!(cut.concat(), whole);
        }
    }
}
