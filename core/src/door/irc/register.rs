//! How a connection says who it is: `CAP`, `PASS`, `NICK`, `USER`, `AUTHENTICATE`, in any order.

use alloc::format;
use alloc::string::{String, ToString};

use super::caps::Caps;
use super::message::Message;
use super::numeric::{
    ERR_ALREADYREGISTERED, ERR_ERRONEUSNICKNAME, ERR_INVALIDCAPCMD, ERR_NEEDMOREPARAMS, ERR_NONICKNAMEGIVEN,
    ERR_NOORIGIN, ERR_NOTREGISTERED,
};
use super::sasl::Sasl;
use super::session::{Known, Stage, Turn, Wanted};
use crate::protocol::{Hello, Key, Nick, PROTOCOL, Read, Request, Secret, Seq};

/// What was said of it so far.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub(super) struct Registration {
    /// `USER` was said.
    user: bool,
    /// Capabilities are being agreed on: nothing is decided before `CAP END`.
    negotiating: bool,
    /// The client reads capabilities' values, and may be told of changes.
    values: bool,
    pub(super) sasl: Sasl,
    /// What `PASS` said.
    password: Option<Secret>,
    /// The key of an account.
    pub(super) key: Option<Key>,
}

impl Turn<'_> {
    pub(super) fn register(&mut self, message: &Message<'_>) {
        match &*message.command {
            "CAP" => self.cap(message),
            "NICK" => self.first_nick(message.param(0)),
            "USER" => self.user(message),
            "PASS" => self.session.registration.password = Some(Secret::new(message.param(0))),
            "AUTHENTICATE" => self.authenticate(message),
            "PING" => self.ping(message),
            "PONG" => {}
            "QUIT" => self.request(Request::Quit),
            command => {
                let command = super::commands::shown(command);
                self.numeric(ERR_NOTREGISTERED, format!("{command} :say NICK and USER first"));
            }
        }
    }

    fn first_nick(&mut self, name: &str) {
        match Nick::try_from(name) {
            Ok(nick) => {
                self.session.nick = Some(nick);
                self.decide();
            }
            Err(_) if name.is_empty() => self.numeric(ERR_NONICKNAMEGIVEN, ":say which: NICK name"),
            Err(why) => self.bad_nick(name, &why),
        }
    }

    pub(super) fn bad_nick(&mut self, name: &str, why: &dyn core::fmt::Display) {
        let shown = if super::commands::is_word(name) { name } else { "*" };
        self.numeric(ERR_ERRONEUSNICKNAME, format!("{shown} :{why}"));
    }

    fn user(&mut self, message: &Message<'_>) {
        if message.params.len() < 4 || message.param(0).is_empty() {
            return self.numeric(ERR_NEEDMOREPARAMS, "USER :it goes like this: USER name 0 * :real name");
        }
        self.session.registration.user = true;
        if let Some(name) = super::commands::text(message.param(3)) {
            self.request(Request::RealName(name));
        }
        self.decide();
    }

    /// Says who this is, once all is said.
    fn decide(&mut self) {
        let registration = &self.session.registration;
        let Some(nick) = self.session.nick.clone().filter(|_| registration.user && !registration.negotiating) else {
            return;
        };
        self.session.stage = Stage::Deciding;
        let request = match registration.key {
            Some(key) => {
                let password = self.session.registration.password.clone();
                Request::Hello(Hello { version: PROTOCOL, key, nick, after: Seq(0), log: None, password })
            }
            None => {
                if let Some(password) = self.session.registration.password.clone() {
                    self.request(Request::Password(password));
                }
                Request::Name(Ok(nick))
            }
        };
        self.request(request);
    }

    pub(super) fn registered_again(&mut self) {
        self.numeric(ERR_ALREADYREGISTERED, ":you said who you are");
    }

    pub(super) fn ping(&mut self, message: &Message<'_>) {
        match message.params.first() {
            Some(token) => self.want(Wanted::Pong { token: super::commands::clean(token) }, Read::Barrier),
            None => self.numeric(ERR_NOORIGIN, ":say what to answer: PING word"),
        }
    }

    pub(super) fn cap(&mut self, message: &Message<'_>) {
        let registering = self.session.stage == Stage::Registering;
        match &*message.param(0).to_ascii_uppercase() {
            "LS" => {
                let registration = &mut self.session.registration;
                registration.negotiating |= registering;
                if message.param(1).parse::<u32>().is_ok_and(|version| version >= 302) {
                    registration.values = true;
                    self.session.caps = self.session.caps.with(Caps::CAP_NOTIFY);
                }
                let offered = Caps::offered(self.session.registration.values);
                self.cap_answer("LS", &offered);
            }
            "LIST" => {
                let names = self.session.caps.names();
                self.cap_answer("LIST", &names);
            }
            "REQ" => {
                self.session.registration.negotiating |= registering;
                self.cap_request(message.param(1));
            }
            "END" => {
                if registering {
                    self.session.registration.negotiating = false;
                    self.decide();
                }
            }
            other => {
                let shown = if super::commands::is_word(other) { other } else { "*" };
                self.numeric(ERR_INVALIDCAPCMD, format!("{shown} :there are LS, LIST, REQ and END"));
            }
        }
    }

    fn cap_answer(&mut self, what: &str, list: &str) {
        let nick = self.session.name().to_string();
        self.say(Known::Server(format!("CAP {nick} {what} :{list}")));
    }

    /// All of what is asked, or nothing of it.
    fn cap_request(&mut self, asked: &str) {
        let mut caps = self.session.caps_to_be();
        for word in asked.split_ascii_whitespace() {
            let (name, on) = word.strip_prefix('-').map_or((word, true), |name| (name, false));
            match Caps::named(name) {
                Some(cap) if on => caps = caps.with(cap),
                Some(cap) if cap != Caps::CAP_NOTIFY || !self.session.registration.values => caps = caps.without(cap),
                Some(_) | None => return self.cap_answer("NAK", super::commands::clean(asked).as_str()),
            }
        }
        let asked: String = super::commands::clean(asked);
        self.session.agreed = Some(caps);
        self.want(Wanted::Caps { caps, asked }, Read::Barrier);
    }
}
