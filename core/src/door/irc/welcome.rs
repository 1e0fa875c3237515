//! What whoever comes is told: numerics 001 to 005, the message of the day, help.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::lines::{Line, SERVER, mask};
use super::modes::CHANGES_A_LINE;
use super::numeric::{
    RPL_CREATED, RPL_ENDOFHELP, RPL_ENDOFINFO, RPL_ENDOFMOTD, RPL_GLOBALUSERS, RPL_HELPSTART, RPL_HELPTXT, RPL_INFO,
    RPL_ISUPPORT, RPL_LOCALUSERS, RPL_LOGGEDIN, RPL_LUSERCHANNELS, RPL_LUSERCLIENT, RPL_LUSERME, RPL_LUSEROP,
    RPL_LUSERUNKNOWN, RPL_MOTD, RPL_MOTDSTART, RPL_MYINFO, RPL_WELCOME, RPL_YOURHOST,
};
use super::session::{Known, Session};
use crate::limits::{BRIEF_BYTES_MAX, NICK_CHARS_MAX, ROOM_CHARS_MAX, WATCHED_MAX};
use crate::protocol::reply::Census;
use crate::protocol::{LogId, Welcome};

const VERSION: &str = concat!("causerie-", env!("CARGO_PKG_VERSION"));
/// Longest name of a network, a reason, a topic: what fits into a line beside all else.
const WORDS_BYTES_MAX: usize = 300;

impl Session {
    /// The lines of a welcome.
    pub(super) fn welcome(&mut self, welcome: &Welcome) -> Vec<Line> {
        let people = u32::try_from(welcome.here.len()).unwrap_or(u32::MAX).saturating_add(welcome.more);
        let mut known = begin(&welcome.you.to_string(), welcome.log);
        known.extend(isupport());
        known.extend(self.account.as_ref().map(|account| {
            let mask = mask(welcome.you.as_str());
            Known::Numeric(
                RPL_LOGGEDIN,
                format!("{mask} {account} :you are known as {account}, whatever you are called"),
            )
        }));
        known.extend(people_here(people));
        known.extend(motd());
        self.known(known)
    }
}

fn begin(nick: &str, log: LogId) -> Vec<Known> {
    let numeric = |number, rest: String| Known::Numeric(number, rest);
    Vec::from([
        numeric(RPL_WELCOME, format!(":welcome to causerie, {nick}")),
        numeric(RPL_YOURHOST, format!(":this is {SERVER}, running {VERSION}")),
        numeric(RPL_CREATED, format!(":everything said here is kept in log {log}")),
        numeric(RPL_MYINFO, format!("{SERVER} {VERSION} io bklimnoqstv bkloqv")),
    ])
}

pub(super) fn isupport() -> Vec<Known> {
    let first = format!(
        "CASEMAPPING=ascii CHANLIMIT=#:64 CHANMODES=bq,k,l,imnst CHANNELLEN={} CHANTYPES=# CHATHISTORY={} HOSTLEN=16 \
         KICKLEN={BRIEF_BYTES_MAX} MAXLIST=bq:100 MODES={CHANGES_A_LINE} NETWORK=causerie NICKLEN={NICK_CHARS_MAX}",
        ROOM_CHARS_MAX + 1,
        super::history::HISTORY_MAX,
    );
    let second = format!(
        "AWAYLEN={WORDS_BYTES_MAX} ELIST=MNU MONITOR={WATCHED_MAX} MSGREFTYPES=msgid,timestamp NAMELEN={WORDS_BYTES_MAX} PREFIX=(ov)@+ \
         TARGMAX=PRIVMSG:{targets},NOTICE:{targets},NAMES:{targets},TAGMSG:{targets},KICK:{targets},JOIN:,PART:,WHOIS:1 TOPICLEN={BRIEF_BYTES_MAX} \
         USERLEN=64 UTF8ONLY WHOX",
        targets = super::commands::TARGETS_MAX,
    );
    let line = |tokens: String| Known::Numeric(RPL_ISUPPORT, format!("{tokens} :are supported by this server"));
    Vec::from([line(first), line(second)])
}

fn people_here(people: u32) -> [Known; 2] {
    [
        Known::Numeric(RPL_LUSERCLIENT, format!(":there are {people} users and 0 invisible on 1 servers")),
        Known::Numeric(RPL_LUSERME, format!(":I have {people} clients and 0 servers")),
    ]
}

pub(super) fn lusers(census: Census) -> Vec<Known> {
    let Census { people, most, rooms, operators, unnamed } = census;
    let counts = |whose: &str| format!("{people} {most} :current {whose} users {people}, max {most}");
    let [client, me] = people_here(people);
    Vec::from([
        client,
        Known::Numeric(RPL_LUSEROP, format!("{operators} :operators online")),
        Known::Numeric(RPL_LUSERUNKNOWN, format!("{unnamed} :connections unknown")),
        Known::Numeric(RPL_LUSERCHANNELS, format!("{rooms} :channels formed")),
        me,
        Known::Numeric(RPL_LOCALUSERS, counts("local")),
        Known::Numeric(RPL_GLOBALUSERS, counts("global")),
    ])
}

pub(super) fn motd() -> Vec<Known> {
    let body = MOTD.iter().map(|line| Known::Numeric(RPL_MOTD, format!(":- {line}")));
    core::iter::once(Known::Numeric(RPL_MOTDSTART, format!(":- {SERVER}: message of the day")))
        .chain(body)
        .chain([Known::Numeric(RPL_ENDOFMOTD, ":end of the message of the day".into())])
        .collect()
}

pub(super) fn info() -> Vec<Known> {
    let body = INFO.iter().map(|line| Known::Numeric(RPL_INFO, format!(":{line}")));
    body.chain([Known::Numeric(RPL_ENDOFINFO, ":end of info".into())]).collect()
}

pub(super) fn version() -> String {
    format!("{VERSION} {SERVER} :one log, one order")
}

/// What `HELP` says, about everything.
pub(super) fn help(about: &str) -> Vec<Known> {
    let about = if super::commands::is_word(about) { about } else { "*" };
    core::iter::once(Known::Numeric(RPL_HELPSTART, format!("{about} :what this server understands")))
        .chain(HELP.iter().map(|line| Known::Numeric(RPL_HELPTXT, format!("{about} :{line}"))))
        .chain([Known::Numeric(RPL_ENDOFHELP, format!("{about} :end of help"))])
        .collect()
}

const MOTD: &[&str] = &[
    "Everybody here reads the same lines in the same order, by whichever door they came.",
    "Most people are in #lobby: /join #lobby",
];

const INFO: &[&str] = &[
    "causerie keeps everything said in one log and shows it to everybody in that log's order.",
    "What you were shown is stored. PING is answered after everything before it.",
];

const HELP: &[&str] = &[
    "JOIN PART NAMES LIST TOPIC MODE KICK INVITE WHO WHOIS WHOWAS ISON MONITOR USERHOST",
    "PRIVMSG NOTICE CHATHISTORY NICK SETNAME AWAY QUIT",
    "CAP AUTHENTICATE OPER KILL PING MOTD LUSERS VERSION TIME INFO HELP",
];
