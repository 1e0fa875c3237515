use std::sync::Arc;

use causerie_core::client::Pending;
use causerie_core::door::typed::modes;
use causerie_core::limits::Limits;
use causerie_core::protocol::{
    Brief, Flag, Here, Key, Leaving, LogId, Manner, Mask, Masked, Member, Nick, Notes, Page, Place, RequestId, Role,
    RoomKey, RoomLine, RoomView, Seen, Seq, SetBy, Sight, Text, Through, Topic, Welcome, WireLimits,
};
use causerie_core::time::WallTime;
use insta::assert_snapshot;
use serde_json::Value;

use super::*;

const SCHEMA: &str = include_str!("../../../../docs/json.schema.json");

fn nick(name: &str) -> Nick {
    Nick::try_from(name).unwrap()
}

fn seen(seq: u64, sight: Sight) -> Arc<Seen> {
    Arc::new(Seen { seq: Seq(seq), at: WallTime(1_795_254_062_250), from: nick("bob"), hue: 7, sight })
}

fn said(place: Place, manner: Manner) -> Sight {
    Sight::Said { place, text: Text::try_from("hi \"there\" 日本語").unwrap(), manner }
}

fn here(name: &str, idle_s: Option<u64>) -> Here {
    Here { nick: nick(name), hue: 1, door: Through::Text, idle_s, shared: None }
}

fn bench() -> Room {
    Room::try_from("bench4").unwrap()
}

fn welcome() -> Welcome {
    let limits = Limits::default();
    let limits = WireLimits {
        text_bytes: 4_096,
        nick_chars: 24,
        window: 32,
        heartbeat_ms: limits.heartbeat_ms,
        idle_ms: limits.idle_ms,
    };
    Welcome {
        log: LogId::new([1; 16]),
        you: nick("ada"),
        hue: 1,
        head: Seq(9),
        last: RequestId(0),
        rooms: vec![Room::lobby(), bench()],
        here: vec![Here { shared: Some(vec![Room::lobby(), bench()]), ..here("ada", Some(0)) }, here("bob", None)],
        more: 3,
        limits,
    }
}

/// One of each kind of news.
fn brief(text: &str) -> Brief {
    Brief::try_from(text).unwrap()
}

fn about() -> RoomView {
    let set = SetBy { nick: nick("bob"), at: WallTime(1_795_254_062_250) };
    RoomView {
        room: bench(),
        topic: Some(Topic { text: brief("friday"), set: set.clone() }),
        flags: vec![Flag::InviteOnly, Flag::Moderated],
        keyed: true,
        key: Some(RoomKey::try_from("xyzzy").unwrap()),
        limit: Some(5),
        bans: vec![Masked { mask: Mask::try_from("d*").unwrap(), set: set.clone() }],
        mutes: vec![Masked { mask: Mask::try_from("eve").unwrap(), set }],
        here: vec![
            Member { here: here("bob", Some(61)), role: Some(Role::Operator) },
            Member { here: here("cleo", None), role: Some(Role::Voice) },
            Member { here: here("ada", Some(0)), role: None },
        ],
        more: 1,
        members: 7,
    }
}

fn all_news() -> Vec<News> {
    let ask = Arc::new(Ask::Join { room: bench() });
    let pending = Pending {
        line: 1,
        n: Some(RequestId(1)),
        seen: Seq(0),
        ask: ask.clone(),
        reference: Some("r1".into()),
        sent: true,
    };
    let sights = [
        said(Place::Room(Room::lobby()), Manner::Plain),
        said(Place::Private(vec![nick("ada")]), Manner::Action),
        Sight::Arrived { door: Through::Native },
        Sight::Departed { why: Leaving::Lost },
        Sight::Departed { why: Leaving::Quit },
        Sight::Joined { room: bench() },
        Sight::Left { room: bench() },
        Sight::Renamed { to: nick("bob2") },
        Sight::Departed { why: Leaving::Killed },
        Sight::Topic { room: bench(), topic: Some(brief("friday")) },
        Sight::Topic { room: bench(), topic: None },
        Sight::Kicked { room: bench(), nick: nick("cleo"), reason: Some(brief("too loud")) },
        Sight::Invited { room: bench(), nick: nick("ada") },
        Sight::Changed { room: bench(), changes: modes("+o-m", ["cleo"].into_iter()).unwrap() },
        Sight::Killed { nick: nick("ada"), reason: None },
    ];
    let entries: Vec<Arc<Seen>> = (10..).zip(sights).map(|(seq, sight)| seen(seq, sight)).collect();
    let notes = Notes { unknown: vec![nick("eve")], away: vec![nick("dan")], alone: false };
    let at = WallTime(1_795_254_062_250);
    let accepted = |pending, notes, entry| News::Accepted { pending, seq: Seq(20), at, notes, entry };
    let mut news = vec![
        News::Offline { retry_at: Some(Timestamp::from_micros(2_500_000)), why: "the server fell silent".into() },
        News::Online(Box::new(welcome())),
        News::Waiting(pending.clone()),
        accepted(Some(pending), notes, None),
        accepted(None, Notes { alone: true, ..Notes::default() }, Some(Arc::clone(&entries[0]))),
        News::Refused { ask: Some(ask), reference: None, code: "already_in_room".into(), why: "you are in it".into() },
        News::Who { reference: 1, people: vec![here("bob", Some(61))], more: 0 },
        News::Rooms {
            reference: 2,
            rooms: vec![RoomLine { room: bench(), here: 1, members: 2, topic: None }],
            more: 1,
        },
        News::Page { reference: 3, page: Page { room: bench(), entries: entries.clone(), more: true } },
        News::Room { reference: 4, room: Box::new(about()) },
        News::Oper { reference: 5 },
        News::Denied { reference: 6, code: "no_such_room".into(), why: "there is no such room".into() },
        News::Missed { from: Seq(3), to: Seq(7) },
        News::Notice("mind the gap".into()),
        News::Ended { code: "quit".into(), text: "exited".into() },
    ];
    news.extend(entries.into_iter().map(News::Saw));
    news
}

fn all_lines() -> Vec<String> {
    let mut json = Json::new(&Memory::new(Key::new([1; 16]), nick("ada")), Wish::default());
    json.typed(r#"{"who":true,"ref":"w"}"#);
    json.typed(r#"{"rooms":true}"#);
    json.typed(r#"{"history":"bench4","ref":"h"}"#);
    json.typed(r#"{"about":"bench4","ref":"a"}"#);
    json.typed(r#"{"oper":"root","password":"sesame","ref":"o"}"#);
    json.typed(r#"{"about":"attic","ref":"b"}"#);
    let now = Timestamp::from_micros(1_000_000);
    let mut lines: Vec<String> = all_news().iter().flat_map(|news| json.take(news, now).lines).collect();
    lines.extend(json.typed(r#"{"say":"hi","colour":1,"ref":"r2"}"#).lines);
    lines.push(Json::unreadable());
    lines
}

#[test]
fn programs_are_told_this() {
    assert_snapshot!(all_lines().join("\n"));
}

#[test]
fn every_line_is_as_the_schema_says() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    for line in all_lines() {
        let value = serde_json::from_str(&line).unwrap();
        assert_eq!(wrong(&schema, &schema, &value), None, "{line}");
    }
}

#[test]
fn every_type_of_the_schema_is_told_and_the_schema_bites() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let lines: Vec<Value> = all_lines().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    for of in schema["$defs"]["output"]["oneOf"].as_array().unwrap() {
        let kind = of["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
        assert!(lines.iter().any(|line| line["type"] == kind), "{kind} is never told");
    }
    for bad in [
        r#"{"type":"shouted"}"#,
        r#"{"type":"notice"}"#,
        r#"{"type":"notice","text":1}"#,
        "{\"type\":\"notice\",\"text\":\"\",\"x\":1}",
    ] {
        assert!(wrong(&schema, &schema, &serde_json::from_str(bad).unwrap()).is_some(), "{bad}");
    }
}

#[test]
fn what_is_taken_is_what_the_schema_says() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let input = &schema["$defs"]["input"];
    for line in [
        r#"{"say":"hi"}"#,
        r#"{"say":"hi","room":"bench4","ref":"r"}"#,
        r#"{"me":"waves","to":["bob"]}"#,
        r#"{"join":"a"}"#,
        r#"{"leave":"a"}"#,
        r#"{"nick":"b"}"#,
        r#"{"who":true}"#,
        r#"{"rooms":true}"#,
        r#"{"history":"lobby","before":7}"#,
        r#"{"join":"a","key":"xyzzy"}"#,
        r#"{"topic":"friday","room":"a"}"#,
        r#"{"kick":"bob","why":"loud"}"#,
        r#"{"invite":"bob"}"#,
        r#"{"mode":"+o bob","ref":"r"}"#,
        r#"{"kill":"bob"}"#,
        r#"{"oper":"root","password":"x"}"#,
        r#"{"about":"a"}"#,
        r#"{"oper":"root"}"#,
        r#"{"kick":"bob","key":"x"}"#,
        r#"{"quit":true}"#,
        r#"{"say":"hi","room":"a","to":["b"]}"#,
        r#"{"who":false}"#,
        r#"{"join":"a","before":1}"#,
        r#"{"say":1}"#,
        r#"{"ref":"r"}"#,
        r#"{"say":"hi","me":"waves"}"#,
    ] {
        let taken = request::read(line, &Room::lobby()).1.is_ok();
        let allowed = wrong(&schema, input, &serde_json::from_str(line).unwrap()).is_none();
        assert_eq!(taken, allowed, "{line}");
    }
}

/// What is wrong with a value, by as much of JSON Schema as ours uses.
fn wrong(root: &Value, schema: &Value, value: &Value) -> Option<String> {
    for (keyword, rule) in schema.as_object().unwrap() {
        let broken = match keyword.as_str() {
            "$ref" => return wrong(root, root.pointer(rule.as_str().unwrap().trim_start_matches('#')).unwrap(), value),
            "oneOf" => rule.as_array().unwrap().iter().filter(|one| wrong(root, one, value).is_none()).count() != 1,
            "not" => wrong(root, rule, value).is_none(),
            "const" => rule != value,
            "enum" => !rule.as_array().unwrap().contains(value),
            "type" => match rule.as_str().unwrap() {
                "object" => !value.is_object(),
                "array" => !value.is_array(),
                "string" => !value.is_string(),
                "boolean" => !value.is_boolean(),
                "integer" => !value.is_u64(),
                other => panic!("{other}"),
            },
            "required" => !rule.as_array().unwrap().iter().all(|name| value.get(name.as_str().unwrap()).is_some()),
            "properties" => {
                let fields = value.as_object()?;
                fields.iter().any(|(name, field)| rule.get(name).is_some_and(|rule| wrong(root, rule, field).is_some()))
            }
            "additionalProperties" => value.as_object()?.keys().any(|name| schema["properties"].get(name).is_none()),
            "items" => value.as_array()?.iter().any(|item| wrong(root, rule, item).is_some()),
            "format" => !(value.as_str().unwrap().ends_with('Z') && value.as_str().unwrap().len() == 24),
            "minimum" | "description" | "$schema" | "$id" | "title" | "$defs" => false,
            other => panic!("the keyword {other} is not known here"),
        };
        if broken {
            return Some(format!("{keyword} {rule} of {value}"));
        }
    }
    None
}
