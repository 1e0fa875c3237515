use causerie_core::protocol::{ClientId, Notes, Person, RequestId, Room, Tags, Text, Through};
use causerie_core::time::WallTime;
use insta::assert_snapshot;

use super::*;

fn told(lan: bool, kept: Kept, head: u64) -> Told {
    Told {
        kept,
        head: Seq(head),
        program: "causerie".into(),
        lan,
        sessions_max: Some(64),
        listeners: 1,
        utc_offset_s: 0,
        quiet: false,
    }
}

fn banner(told: &Told, at: &str, others: &[IpAddr]) -> String {
    let version = env!("CARGO_PKG_VERSION");
    Banner { told, listening: &[at.parse().unwrap()], others }.to_string().replace(version, "VERSION")
}

#[test]
fn the_banner_says_how_to_join() {
    let kept = Kept::In("/var/causerie".into());
    assert_snapshot!(banner(&told(false, kept, 0), "127.0.0.1:3823", &[]), @r"
      causerie VERSION   room #lobby   log /var/causerie (new)
      This server is activated on port 3823 (127.0.0.1:3823)

      browser    http://127.0.0.1:3823
      terminal   causerie client
      irc        irssi -c 127.0.0.1 -p 3823    then /join #lobby
      netcat     nc 127.0.0.1 3823
      telnet     telnet 127.0.0.1 3823
      only this machine can join · let the room in: causerie server --lan

      nobody here yet · up to 64 people · Ctrl-C stops, nothing accepted is lost
    ");
}

#[test]
fn the_banner_of_a_server_on_the_network_names_this_machine() {
    let others = ["192.168.1.20".parse().unwrap(), "10.0.0.7".parse().unwrap()];
    assert_snapshot!(banner(&told(true, Kept::Nowhere, 0), "0.0.0.0:3823", &others), @r"
      causerie VERSION   room #lobby   log in memory: nothing survives a stop
      This server is activated on port 3823 (0.0.0.0:3823)

      browser    http://192.168.1.20:3823
                 http://10.0.0.7:3823
      terminal   causerie client 192.168.1.20
                 causerie client 10.0.0.7
      irc        irssi -c 192.168.1.20 -p 3823    then /join #lobby
                 irssi -c 10.0.0.7 -p 3823    then /join #lobby
      netcat     nc 192.168.1.20 3823
                 nc 10.0.0.7 3823
      telnet     telnet 192.168.1.20 3823
                 telnet 10.0.0.7 3823

      nobody here yet · up to 64 people · Ctrl-C stops and forgets everything
    ");
    let kept = Kept::In("/var/causerie".into());
    assert!(banner(&told(true, kept, 128), "[::1]:4000", &[]).contains("log /var/causerie (128 entries)"));
}

#[test]
fn the_console_shows_the_conversation_and_no_private_words() {
    let id: ClientId = causerie_core::protocol::Key::new([1; 16]).client();
    let nick = |name: &str| Nick::try_from(name).unwrap();
    let said = |audience, manner| Event::Said {
        audience,
        text: Text::try_from("hello").unwrap(),
        manner,
        notes: Notes::default(),
    };
    let bench = || Room::try_from("bench4").unwrap();
    let bob = Person { id, nick: nick("bob") };
    let events = [
        Event::Arrived { door: Through::Text, rooms: vec![Room::lobby()] },
        said(Audience::Room(Room::lobby()), Manner::Plain),
        Event::Joined { room: bench() },
        said(Audience::Room(bench()), Manner::Action),
        said(Audience::Only(vec![bob]), Manner::Plain),
        Event::Renamed { to: nick("ada2"), rooms: vec![] },
        Event::Left { room: bench() },
        Event::Departed { why: Leaving::Lost, rooms: vec![] },
        Event::Departed { why: Leaving::Quit, rooms: vec![] },
    ];
    let lines = (1..).zip(events).map(|(seq, event)| {
        let at = WallTime(1_795_254_062_250 + seq * 1_000);
        let (n, seen) = (RequestId(0), Seq(0));
        let entry = Entry {
            seq: Seq(seq),
            at,
            by: id,
            nick: nick("ada"),
            hue: 0,
            n,
            seen,
            event,
            account: None,
            tags: Tags::default(),
        };
        Happened { entry: &entry, peer: Some("192.168.1.31:51234"), utc_offset_s: 0 }.to_string()
    });
    assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @r"
    09:41:03  #1  ada joined   text   192.168.1.31:51234
    09:41:04  #2  ada: hello
    09:41:05  #3  ada joined #bench4
    09:41:06  #4  #bench4 * ada hello
    09:41:07  #5  ada → bob, private
    09:41:08  #6  ada is called ada2 from here on
    09:41:09  #7  ada left #bench4
    09:41:10  #8  ada left   connection lost
    09:41:11  #9  ada left
    ");
}
