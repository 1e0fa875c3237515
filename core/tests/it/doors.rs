//! Arbitrary bytes in arbitrary pieces, at every door: nothing panics, the pieces make no difference, and nothing that is
//! not clean reaches anybody.

use causerie_core::door::Door;
use causerie_core::door::irc::Irc;
use causerie_core::door::native::Native;
use causerie_core::door::native::peer::Peer;
use causerie_core::door::text::Text;
use causerie_core::history::{Memory, answer};
use causerie_core::limits::Limits;
use causerie_core::protocol::Request;
use causerie_core::protocol::words::is_clean;
use causerie_core::server::{ConnId, Input, Output, Server};
use causerie_core::time::{Timestamp, WallTime};
use proptest::prelude::*;

/// Bytes as peers send them, and as nobody should.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let line = |line: &'static str| Just(line.as_bytes().to_vec());
    let piece = prop_oneof![
        line("ada\n"),
        line("hello there\r\n"),
        line("@ada @bob: secret\n"),
        line("/join x\n/who\n/history\n"),
        line("/nick b\u{202e}d\n"),
        line("\u{1b}[2J\n"),
        line("{quit}\n"),
        line("{\"type\":\"hello\",\"version\":1,\"key\":\"000102030405060708090a0b0c0d0e0f\",\"nick\":\"cleo\"}\n"),
        line("{\"type\":\"say\",\"n\":1,\"text\":\"hi\"}\n"),
        line("{\"type\":\"say\",\"n\":2,\"text\":\"\\u001b[2J\"}\n"),
        line("{\"type\":\"say\",\"n\":1,\"to\":[\"ada\"],\"text\":\"other\"}\n"),
        line("{\"type\":\"what\",\"n\":3}\n{\"type\":\"ping\"}\n"),
        line("GET / HTTP/1.1\r\n\r\n"),
        line("NICK ada\r\nUSER a 0 * :a\r\n"),
        line("CAP LS 302\r\nNICK dora\r\nUSER d 0 * :Dora \u{2}D\r\nCAP REQ :batch labeled-response echo-message\r\n"),
        line("CAP REQ :server-time message-tags\r\nCAP END\r\nJOIN #lobby,#x\r\nJOIN :\r\nJOIN #a\u{202e}b\r\n"),
        line("@label=1 PRIVMSG #lobby :\u{1}ACTION waves\u{1}\r\n@label=\\:x NOTICE ada,dora,#x :\u{3}4,5red\r\n"),
        line("@+draft/react=\u{1b}x;+ok=1;+b=\\nc;+c=\u{202e} PRIVMSG #lobby,dora :tagged\r\n"),
        line("@label=2 JOIN #y,#z\r\nNICK eve\r\nPART #x,#nowhere :bye\r\nPRIVMSG witness :\u{1b}[2J\r\n"),
        line(
            "WHO #lobby %tcuihsnfdlaor,1\r\nWHO *\r\nNAMES #lobby\r\nWHOIS eve\r\nLIST\r\nMODE eve +i-i\r\nAWAY :\u{202e}out\r\n"
        ),
        line(
            "CHATHISTORY LATEST #lobby * 9\r\nCHATHISTORY TARGETS timestamp=1970-01-01T00:00:00.000Z timestamp=2999-01-01T00:00:00.000Z 5\r\n"
        ),
        line(
            "SETNAME :a \u{1b}b\r\nFOO\u{7f}\u{9b} \u{202e}\r\nPING :\u{1b}[0m\r\nHELP \u{1b}\r\nAUTHENTICATE PLAIN\r\n"
        ),
        line("AUTHENTICATE AGFkYQBzZWNyZXQ=\r\nCAP LS \u{1b}\r\nCAP \u{1b}\r\nCAP REQ :\u{1b}x\r\nQUIT :\u{1b}\r\n"),
        Just(vec![0xff, 0xfb, 0x1f, 0xff, 0xfa, 0x1f, 0, 80, 0xff, 0xf0]),
        Just(vec![0xff, 0xf4, 0xff, 0xfd, 0x06]),
        Just(vec![b'x'; 40_000]),
        prop::collection::vec(any::<u8>(), 0..40),
        "\\PC{0,20}\n".prop_map(String::into_bytes),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn cut(bytes: &[u8], cuts: &[prop::sample::Index]) -> Vec<Vec<u8>> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).chain([0, bytes.len()]).collect();
    places.sort_unstable();
    places.windows(2).map(|piece| bytes[piece[0]..piece[1]].to_vec()).collect()
}

fn decoded(mut door: impl Door, pieces: &[Vec<u8>]) -> (Vec<Request>, bool) {
    let mut requests = Vec::new();
    for piece in pieces {
        if door.decode(piece, &mut requests).is_err() {
            return (requests, true);
        }
    }
    (requests, false)
}

proptest! {
    #[test]
    fn the_pieces_make_no_difference_to_any_door(
        bytes in bytes(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let pieces = cut(&bytes, &cuts);
        let whole = [bytes];
        prop_assert_eq!(decoded(Native::default(), &pieces), decoded(Native::default(), &whole));
        prop_assert_eq!(decoded(Text::default(), &pieces), decoded(Text::default(), &whole));
        prop_assert_eq!(decoded(Irc::default(), &pieces), decoded(Irc::default(), &whole));
    }

    #[test]
    fn a_client_survives_any_server(
        bytes in bytes(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let heard = |pieces: &[Vec<u8>]| {
            let (mut peer, mut heard) = (Peer::default(), Vec::new());
            let failed = pieces.iter().any(|piece| peer.decode(piece, &mut heard).is_err());
            (heard, failed)
        };
        prop_assert_eq!(heard(&cut(&bytes, &cuts)), heard(&[bytes]));
    }

    #[test]
    fn nothing_that_is_not_clean_reaches_anybody(
        streams in prop::collection::vec((bytes(), prop::collection::vec(any::<prop::sample::Index>(), 0..4)), 1..4),
    ) {
        let mut room = Doorway::new();
        let witness = room.open();
        room.say(witness, b"witness\n");
        let mut streams: Vec<_> =
            streams.iter().map(|(bytes, cuts)| (room.open(), cut(bytes, cuts).into_iter())).collect();
        let mut open = true;
        while core::mem::take(&mut open) {
            for (conn, pieces) in &mut streams {
                if let Some(piece) = pieces.next() {
                    open = true;
                    room.say(*conn, &piece);
                }
            }
        }
        for (conn, screen) in &room.screens {
            let screen = std::str::from_utf8(screen).expect("what is sent is UTF-8");
            let irc = [":irc.causerie ", "ERROR :"].iter().any(|word| screen.contains(word)); // IRC ends lines in two, and frames deeds.
            let screen = if irc { screen.replace("\r\n", "\n").replace('\u{1}', "") } else { screen.to_owned() };
            let unclean = screen.chars().find(|c| *c != '\n' && !is_clean(*c));
            prop_assert_eq!(unclean, None, "on {:?}: {}", conn, screen);
        }
    }
}

/// A server, and what it said to each connection.
pub(crate) struct Doorway {
    server: Server,
    now: u64,
    position: u64,
    history: Memory,
    pub(crate) screens: std::collections::BTreeMap<ConnId, Vec<u8>>,
}

impl Doorway {
    pub(crate) fn new() -> Self {
        let limits = Limits { unnamed_max: 100, ..Limits::unlimited() };
        let server = Server::new(Default::default(), Default::default(), limits, Default::default());
        let mut doorway = Self { server, now: 0, position: 0, history: Memory::default(), screens: Default::default() };
        doorway.input(Input::Begun { entropy: [1; 16] });
        doorway
    }

    pub(crate) fn open(&mut self) -> ConnId {
        let conn = ConnId(self.screens.len() as u64 + 1);
        self.screens.insert(conn, Vec::new());
        let entropy = [u8::try_from(conn.0).unwrap(); 16];
        self.input(Input::Opened { conn, door: None, peer: "test".into(), entropy });
        conn
    }

    pub(crate) fn say(&mut self, conn: ConnId, bytes: &[u8]) {
        self.input(Input::Received { conn, bytes });
    }

    pub(crate) fn input(&mut self, input: Input<'_>) {
        self.now += 10;
        let mut outputs = Vec::new();
        self.server.handle(Timestamp::from_micros(self.now), input, &mut outputs);
        for output in outputs {
            match output {
                Output::Append { record } => {
                    let position = causerie_core::protocol::Position(self.position);
                    self.position += 1;
                    self.input(Input::Committed { position, at: WallTime(0), record });
                }
                Output::Ready { conn } => self.write(conn),
                Output::Keep { entries } => entries.iter().for_each(|entry| self.history.keep(entry)),
                Output::Load { conn, query } => {
                    let Ok(found) = answer(&self.history, &query);
                    self.input(Input::Loaded { conn, query, found: Some(found) });
                }
                Output::HandOver { conn, .. } => self.input(Input::Closed { conn }),
                Output::Close { conn } => {
                    self.write(conn);
                    self.input(Input::Closed { conn });
                }
                Output::Pause { .. } | Output::Resume { .. } | Output::Snapshot { .. } => {}
            }
        }
    }

    fn write(&mut self, conn: ConnId) {
        let bytes: Vec<u8> = self.server.pending(conn).flatten().copied().collect();
        self.screens.get_mut(&conn).unwrap().extend_from_slice(&bytes);
        self.input(Input::Written { conn, len: bytes.len() });
    }
}

#[test]
fn where_a_line_says_its_type_makes_no_difference() {
    let heard = |line: &str| {
        let mut heard = Vec::new();
        Peer::default().decode(format!("{line}\n").as_bytes(), &mut heard).unwrap();
        heard
    };
    for (kind, fields) in [
        ("said", r#""seq":7,"at":5,"from":"ada","hue":0,"room":"lobby","text":"a \"b\" \u00fc""#),
        ("said", r#""seq":7,"at":5,"from":"ada","hue":0,"to":["bob"],"text":"psst","action":true"#),
        ("accepted", r#""n":1,"seq":7,"at":5,"unknown":["eve"],"alone":true"#),
        ("pong", r#""head":7,"new":{"later":[1]}"#),
    ] {
        let first = heard(&format!(r#"{{"type":"{kind}",{fields}}}"#));
        assert_eq!(first.len(), 1, "{kind}");
        assert_eq!(first, heard(&format!(r#"{{{fields},"type":"{kind}"}}"#)), "{kind} at the end");
        assert_eq!(first, heard(&format!(r#"{{ "type" : "{kind}", {fields}}}"#)), "{kind} with spaces");
    }
}
