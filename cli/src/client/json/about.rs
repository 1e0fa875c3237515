//! A room in full, as programs are told of it.

use causerie_core::protocol::{Brief, Masked, Member, Role, RoomView};
use serde::Serialize;

use super::out::Person;

/// What a room is about, how it is kept and who is in it.
#[derive(Serialize, Debug)]
pub(crate) struct About<'a> {
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    reference: Option<&'a str>,
    room: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    topic: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    topic_by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    topic_at: Option<String>,
    /// Letters, as in `mode`, without what they are about.
    modes: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    bans: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mutes: Vec<&'a str>,
    people: Vec<Person<'a>>,
    #[serde(skip_serializing_if = "is_zero")]
    more: u32,
    members: u32,
}

impl<'a> About<'a> {
    pub(super) fn new(view: &'a RoomView, reference: Option<&'a str>) -> Self {
        let masks = |list: &'a [Masked]| list.iter().map(|one| one.mask.as_str()).collect();
        let member = |Member { here, role }: &'a Member| Person { role: role.map(role_name), ..Person::from(here) };
        let flags = view.flags.iter().map(|flag| flag.letter());
        let others = [(view.keyed, 'k'), (view.limit.is_some(), 'l')];
        let topic = view.topic.as_ref();
        Self {
            reference,
            room: view.room.as_str(),
            topic: topic.map(|topic| Brief::as_str(&topic.text)),
            topic_by: topic.map(|topic| topic.set.nick.as_str()),
            topic_at: topic.map(|topic| topic.set.at.rfc3339().to_string()),
            modes: flags.chain(others.into_iter().filter(|(on, _)| *on).map(|(_, letter)| letter)).collect(),
            key: view.key.as_ref().map(|key| key.as_str()),
            limit: view.limit,
            bans: masks(&view.bans),
            mutes: masks(&view.mutes),
            people: view.here.iter().map(member).collect(),
            more: view.more,
            members: view.members,
        }
    }
}

const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Operator => "operator",
        Role::Voice => "voice",
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
const fn is_zero(value: &u32) -> bool {
    *value == 0
}
