use causerie_core::protocol::{Change, Key};

use super::*;

fn nick(name: &str) -> Nick {
    Nick::try_from(name).unwrap()
}

fn memory(name: &str) -> Memory {
    let pending = |line, n: Option<u64>, ask| Pending {
        line,
        n: n.map(RequestId),
        seen: Seq(7),
        ask: Arc::new(ask),
        reference: None,
        sent: false,
    };
    let say = |to, text: &str, manner| Ask::Say { to, text: Text::try_from(text).unwrap(), manner };
    let mut memory = Memory::new(Key::new([7; 16]), nick(name));
    memory.log = "00112233445566778899aabbccddeeff".parse().ok();
    (memory.cursor, memory.next, memory.next_line) = (Seq(128), RequestId(9), 12);
    memory.outbox = VecDeque::from([
        pending(7, Some(7), say(Target::Room(Room::lobby()), "日本語 \"quoted\"", Manner::Plain)),
        pending(8, Some(8), say(Target::People(vec![nick("bob"), nick("cleo")]), "lunch?", Manner::Action)),
        pending(9, None, Ask::Join { room: Room::try_from("bench4").unwrap() }),
        pending(10, None, Ask::Leave { room: Room::lobby() }),
        pending(12, None, Ask::Unlock { room: bench(), key: RoomKey::try_from("xyzzy").unwrap() }),
        pending(13, None, Ask::Topic { room: bench(), topic: Some(why()) }),
        pending(14, None, Ask::Kick { room: bench(), nick: nick("bob"), reason: Some(why()) }),
        pending(15, None, Ask::Invite { room: bench(), nick: nick("bob") }),
        pending(16, None, Ask::Change { room: bench(), changes: changes() }),
        pending(17, None, Ask::Kill { nick: nick("bob"), reason: None }),
        Pending { reference: Some("r1".into()), ..pending(11, None, Ask::Rename { nick: nick("ada2") }) },
    ]);
    memory
}

fn bench() -> Room {
    Room::try_from("bench4").unwrap()
}

fn why() -> Brief {
    Brief::try_from("why not").unwrap()
}

/// One of each.
fn changes() -> Vec<Change> {
    modes("+imst-k+lov-bq", ["5", "bob", "cleo", "b*!*@*", "dan"].into_iter()).unwrap()
}

/// A directory of this test's own, gone with it.
struct Dir(PathBuf);

impl Dir {
    fn new(test: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("causerie-state-{test}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        Self(dir)
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn what_is_kept_is_what_is_found() {
    let dir = Dir::new("round-trip");
    let path = dir.0.join("state.json");
    {
        let held = StateFile::named(&path).unwrap();
        assert_eq!(held.memory, None);
        held.file.save(&memory("ada")).unwrap();
        held.file.save(&memory("ada")).unwrap();
    }
    assert_eq!(StateFile::named(&path).unwrap().memory, Some(memory("ada")));
    let mut names: Vec<_> = fs::read_dir(&dir.0).unwrap().map(|file| file.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["state.json", "state.json.lock"]);
}

#[test]
fn the_file_looks_like_this() {
    insta::assert_snapshot!(String::from_utf8(encode(&memory("ada"))).unwrap());
}

#[cfg(unix)]
#[test]
fn the_key_is_nobody_elses_business() {
    use std::os::unix::fs::PermissionsExt;
    let dir = Dir::new("mode");
    let held = StateFile::named(&dir.0.join("state.json")).unwrap();
    held.file.save(&memory("ada")).unwrap();
    assert_eq!(fs::metadata(held.file.path()).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_torn_replacement_leaves_what_was_kept_before() {
    let dir = Dir::new("torn");
    let path = dir.0.join("state.json");
    {
        let held = StateFile::named(&path).unwrap();
        held.file.save(&memory("ada")).unwrap();
        fs::write(beside(&path, "new"), b"{\"version\":1,\"ke").unwrap();
    }
    let held = StateFile::named(&path).unwrap();
    assert_eq!(held.memory, Some(memory("ada")));
    held.file.save(&memory("ada2")).unwrap();
    assert_eq!(held.file.load().unwrap(), Some(memory("ada2")));
}

#[test]
fn what_cannot_be_understood_is_said_and_not_touched() {
    let dir = Dir::new("damaged");
    let path = dir.0.join("state.json");
    fs::create_dir_all(&dir.0).unwrap();
    for (bytes, why) in [
        ("", "EOF while parsing"),
        ("{\"version\":2,\"what\":1}", "it has version 2, this causerie knows 1"),
        ("{\"version\":1,\"key\":\"zz\"}", "missing field"),
    ] {
        fs::write(&path, bytes).unwrap();
        let failure = StateFile::named(&path).unwrap_err().to_string();
        assert!(failure.contains(why) && failure.contains("move it away"), "{failure}");
        assert_eq!(fs::read_to_string(&path).unwrap(), bytes);
    }
}

#[test]
fn a_file_has_one_client_and_the_next_takes_the_next() {
    let dir = Dir::new("numbered");
    let server = Address::default();
    let take = |name: Option<&str>| StateFile::of_server(&dir.0, &server, name.map(nick).as_ref()).unwrap();
    let first = take(Some("ada"));
    first.file.save(&memory("ada")).unwrap();
    assert!(matches!(StateFile::named(first.file.path()), Err(Failure::StateLocked(_))));
    let second = take(None);
    second.file.save(&memory("bob")).unwrap();
    assert_eq!((first.number, second.number), (1, 2));
    drop((first, second));
    assert_eq!(take(Some("BOB")).number, 2, "bob comes back as bob");
    assert_eq!(take(None).number, 1);
    assert_eq!(take(Some("cleo")).number, 3, "cleo is somebody new");
}
