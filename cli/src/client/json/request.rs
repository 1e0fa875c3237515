//! What programs ask: one object per line, `docs/json.md`.

use causerie_core::door::typed::{self, HISTORY_LINES, modes};
use causerie_core::limits::PEOPLE_NAMED_MAX;
use causerie_core::protocol::{
    Ask, Brief, Manner, Nick, Notice, Read, Refusal, Room, RoomKey, Secret, Seq, Target, Text, Unacceptable, Unclean,
};
use serde::Deserialize;

/// A line, understood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Request {
    /// Asks for something to be decided.
    Ask(Ask),
    /// Asks for something to be looked up.
    Read(Read),
    /// Shows that one operates the server.
    Oper {
        /// Which operator.
        name: Box<str>,
        /// What proves it.
        password: Secret,
    },
    /// Goes, once everything is answered.
    Quit,
}

/// A line that asks for nothing that could be done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Slip {
    /// A short stable name.
    pub(crate) code: &'static str,
    /// What is wrong, and what would be right.
    pub(crate) why: String,
}

/// Every field of every request.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, expecting = "an object, like this: {\"say\":\"hi\"}")]
struct Fields {
    say: Option<String>,
    me: Option<String>,
    room: Option<String>,
    to: Option<Vec<String>>,
    join: Option<String>,
    leave: Option<String>,
    nick: Option<String>,
    key: Option<String>,
    topic: Option<String>,
    kick: Option<String>,
    invite: Option<String>,
    mode: Option<String>,
    kill: Option<String>,
    why: Option<String>,
    about: Option<String>,
    oper: Option<String>,
    password: Option<String>,
    who: Option<bool>,
    rooms: Option<bool>,
    history: Option<String>,
    before: Option<u64>,
    quit: Option<bool>,
    #[serde(rename = "ref")]
    reference: Option<Box<str>>,
}

/// What a line says, and the reference it gives. Words go to `room` unless the line says where.
pub(crate) fn read(line: &str, room: &Room) -> (Option<Box<str>>, Result<Request, Slip>) {
    match serde_json::from_str::<Fields>(line) {
        Ok(mut fields) => (fields.reference.take(), fields.request(room)),
        Err(error) => (reference_of(line), Err(bad(explain(&error)))),
    }
}

/// The reference of a line that is an object and no request.
fn reference_of(line: &str) -> Option<Box<str>> {
    #[derive(Deserialize)]
    struct Referring {
        #[serde(rename = "ref")]
        reference: Option<Box<str>>,
    }
    serde_json::from_str::<Referring>(line).ok()?.reference
}

fn explain(error: &serde_json::Error) -> String {
    let said = error.to_string();
    let what = said.split(" at line 1 column").next().unwrap_or(&said);
    if error.is_data() { what.to_owned() } else { format!("not a JSON object: {what} (column {})", error.column()) }
}

const fn bad(why: String) -> Slip {
    Slip { code: "bad_input", why }
}

impl From<Unclean> for Slip {
    fn from(unclean: Unclean) -> Self {
        Refusal::from(unclean).into()
    }
}

impl From<Refusal> for Slip {
    fn from(refusal: Refusal) -> Self {
        Self { code: refusal.code(), why: refusal.to_string() }
    }
}

impl Fields {
    fn request(self, talked_in: &Room) -> Result<Request, Slip> {
        self.check_company()?;
        let place = |name: String| Room::try_from(&*name);
        let there = |room: Option<String>| room.map_or_else(|| Ok(talked_in.clone()), place);
        let brief = |text: Option<String>| text.map(|text| Brief::try_from(&*text)).transpose();
        Ok(match self {
            Self { say: Some(text), room, to, .. } => say(&text, Manner::Plain, room, to, talked_in)?,
            Self { me: Some(text), room, to, .. } => say(&text, Manner::Action, room, to, talked_in)?,
            Self { join: Some(name), key: None, .. } => Request::Ask(Ask::Join { room: place(name)? }),
            Self { join: Some(name), key: Some(key), .. } => {
                Request::Ask(Ask::Unlock { room: place(name)?, key: RoomKey::try_from(&*key)? })
            }
            Self { leave: Some(name), .. } => Request::Ask(Ask::Leave { room: place(name)? }),
            Self { nick: Some(name), .. } => Request::Ask(Ask::Rename { nick: Nick::try_from(&*name)? }),
            Self { topic: Some(text), room, .. } => {
                let topic = if text.is_empty() { None } else { Some(Brief::try_from(&*text)?) };
                Request::Ask(Ask::Topic { room: there(room)?, topic })
            }
            Self { kick: Some(name), room, why, .. } => {
                Request::Ask(Ask::Kick { room: there(room)?, nick: Nick::try_from(&*name)?, reason: brief(why)? })
            }
            Self { invite: Some(name), room, .. } => {
                Request::Ask(Ask::Invite { room: there(room)?, nick: Nick::try_from(&*name)? })
            }
            Self { mode: Some(letters), room, .. } => {
                let mut words = letters.split_whitespace();
                let changes = modes(words.next().unwrap_or_default(), words).map_err(|slip| match slip {
                    typed::Slip::Refused(why) => why.into(),
                    slip @ (typed::Slip::UnknownCommand(_) | typed::Slip::Usage(_)) => {
                        bad(Notice::from(slip).to_string())
                    }
                })?;
                Request::Ask(Ask::Change { room: there(room)?, changes })
            }
            Self { kill: Some(name), why, .. } => {
                Request::Ask(Ask::Kill { nick: Nick::try_from(&*name)?, reason: brief(why)? })
            }
            Self { about: Some(name), .. } => Request::Read(Read::Room { room: place(name)? }),
            Self { oper: Some(name), password, .. } => {
                let password = password.ok_or_else(|| bad("\"oper\" takes a \"password\"".into()))?;
                Request::Oper { name: name.into(), password: Secret::new(&password) }
            }
            Self { who: Some(_), .. } => Request::Read(Read::Who),
            Self { rooms: Some(_), .. } => Request::Read(Read::Rooms),
            Self { history: Some(name), before, .. } => {
                Request::Read(Read::History { room: place(name)?, before: before.map(Seq), limit: HISTORY_LINES })
            }
            Self { .. } => Request::Quit,
        })
    }

    /// One thing is asked, and with nothing that belongs to another.
    fn check_company(&self) -> Result<(), Slip> {
        let asked = [
            ("say", self.say.is_some()),
            ("me", self.me.is_some()),
            ("join", self.join.is_some()),
            ("leave", self.leave.is_some()),
            ("nick", self.nick.is_some()),
            ("topic", self.topic.is_some()),
            ("kick", self.kick.is_some()),
            ("invite", self.invite.is_some()),
            ("mode", self.mode.is_some()),
            ("kill", self.kill.is_some()),
            ("oper", self.oper.is_some()),
            ("who", self.who.is_some()),
            ("rooms", self.rooms.is_some()),
            ("about", self.about.is_some()),
            ("history", self.history.is_some()),
            ("quit", self.quit.is_some()),
        ];
        let verbs: Vec<&str> = asked.iter().filter(|(_, there)| *there).map(|(verb, _)| *verb).collect();
        let all =
            "say, me, join, leave, nick, topic, kick, invite, mode, kill, oper, who, rooms, about, history or quit";
        let verb = match verbs[..] {
            [verb] => verb,
            [] => return Err(bad(format!("nothing is asked: give one of {all}"))),
            [one, other, ..] => return Err(bad(format!("\"{one}\" and \"{other}\" at once: give one of {all}"))),
        };
        let flags = [("who", self.who), ("rooms", self.rooms), ("quit", self.quit)];
        if let Some((flag, _)) = flags.iter().find(|(_, value)| *value == Some(false)) {
            return Err(bad(format!("\"{flag}\" can only be true")));
        }
        let speaks = matches!(verb, "say" | "me");
        if self.room.is_some() && self.to.is_some() {
            return Err(bad("\"room\" and \"to\" at once: words go to a room or to people".into()));
        }
        for (field, there, fits) in [
            ("room", self.room.is_some(), speaks || matches!(verb, "topic" | "kick" | "invite" | "mode")),
            ("key", self.key.is_some(), verb == "join"),
            ("why", self.why.is_some(), matches!(verb, "kick" | "kill")),
            ("password", self.password.is_some(), verb == "oper"),
            ("to", self.to.is_some(), speaks),
            ("before", self.before.is_some(), verb == "history"),
        ] {
            if there && !fits {
                return Err(bad(format!("\"{field}\" does not go with \"{verb}\"")));
            }
        }
        Ok(())
    }
}

fn say(
    text: &str,
    manner: Manner,
    room: Option<String>,
    to: Option<Vec<String>>,
    talked_in: &Room,
) -> Result<Request, Slip> {
    let to = match (room, to) {
        (_, Some(names)) if names.is_empty() => return Err(bad("\"to\" names nobody".into())),
        (_, Some(names)) if names.len() > PEOPLE_NAMED_MAX => {
            let max = u32::try_from(PEOPLE_NAMED_MAX).expect("a small number");
            return Err(Refusal::Unacceptable(Unacceptable::TooManyPeople { max }).into());
        }
        (_, Some(names)) => {
            Target::People(names.iter().map(|name| Nick::try_from(&**name)).collect::<Result<_, Unclean>>()?)
        }
        (Some(room), None) => Target::Room(Room::try_from(&*room)?),
        (None, None) => Target::Room(talked_in.clone()),
    };
    Ok(Request::Ask(Ask::Say { to, text: Text::try_from(text)?, manner }))
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn understood(lines: &[&str]) -> String {
        let room = Room::lobby();
        let one = |line: &&str| match read(line, &room) {
            (reference, Ok(request)) => format!("{line}\n  {request:?} {reference:?}"),
            (reference, Err(Slip { code, why })) => format!("{line}\n  {code}: {why} {reference:?}"),
        };
        lines.iter().map(one).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn each_request_is_understood() {
        assert_snapshot!(understood(&[
            r#"{"say":"hi"}"#,
            r##"{"say":"hi","room":"#Bench4","ref":"r1"}"##,
            r#"{"say":"hi","to":["bob","cleo"]}"#,
            r#"{"me":"waves"}"#,
            r#"{"join":"bench4"}"#,
            r#"{"leave":"bench4"}"#,
            r#"{"nick":"ada2"}"#,
            r#"{"join":"bench4","key":"xyzzy"}"#,
            r#"{"topic":"friday","room":"bench4"}"#,
            r#"{"topic":""}"#,
            r#"{"kick":"bob","room":"bench4","why":"too loud"}"#,
            r#"{"invite":"bob","room":"bench4"}"#,
            r#"{"mode":"+o-v bob cleo","room":"bench4"}"#,
            r#"{"kill":"bob"}"#,
            r#"{"oper":"root","password":"hunter2"}"#,
            r#"{"about":"bench4","ref":"a"}"#,
            r#"{"who":true}"#,
            r#"{"rooms":true,"ref":""}"#,
            r#"{"history":"lobby","before":120}"#,
            r#"{"quit":true}"#,
        ]));
    }

    #[test]
    fn what_is_wrong_with_a_line_is_said() {
        assert_snapshot!(understood(&[
            "hello",
            "",
            "[1]",
            r#"{"say":"hi""#,
            r#"{"say":1,"ref":"r1"}"#,
            r#"{"say":"hi","colour":"red","ref":"r2"}"#,
            r#"{"ref":"r3"}"#,
            r#"{"say":"hi","join":"bench4"}"#,
            r#"{"who":false}"#,
            r#"{"join":"bench4","to":["bob"]}"#,
            r#"{"say":"hi","before":7}"#,
            r#"{"say":"hi","key":"xyzzy"}"#,
            r#"{"mode":"o bob"}"#,
            r#"{"mode":"+k a,b"}"#,
            r#"{"oper":"root"}"#,
            r#"{"say":"hi","room":"lobby","to":["bob"]}"#,
            r#"{"say":"hi","to":[]}"#,
            r#"{"say":"a\u001b[2Jb"}"#,
            r#"{"say":"two\nlines"}"#,
            r#"{"nick":"a b"}"#,
            r#"{"say":"hi","to":["a","b","c","d","e","f","g","h","i","j","k","l","m","n","o","p","q"]}"#,
        ]));
    }
}
