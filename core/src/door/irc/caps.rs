//! What an IRC client can do beyond the least: capabilities, as bits.

use alloc::string::String;

/// A set of capabilities.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Caps(u32);

impl Caps {
    /// Those that change how an entry is written that many are shown: the first bits.
    pub const SERVER_TIME: Self = Self(1);
    /// Tags, the message's id among them.
    pub const MESSAGE_TAGS: Self = Self(1 << 1);
    /// A `JOIN` says the account and the real name.
    pub const EXTENDED_JOIN: Self = Self(1 << 2);
    /// Whatever somebody does says their account.
    pub const ACCOUNT_TAG: Self = Self(1 << 3);
    pub(super) const CAP_NOTIFY: Self = Self(1 << 4);
    pub(super) const MULTI_PREFIX: Self = Self(1 << 5);
    pub(super) const AWAY_NOTIFY: Self = Self(1 << 6);
    pub(super) const INVITE_NOTIFY: Self = Self(1 << 7);
    pub(super) const BATCH: Self = Self(1 << 8);
    /// An account is given with the arrival and never changes, so nothing is ever told.
    pub(super) const ACCOUNT_NOTIFY: Self = Self(1 << 9);
    pub(super) const CHGHOST: Self = Self(1 << 10);
    pub(super) const SETNAME: Self = Self(1 << 11);
    pub(super) const USERHOST_IN_NAMES: Self = Self(1 << 12);
    pub(super) const SASL: Self = Self(1 << 13);
    pub(super) const ECHO_MESSAGE: Self = Self(1 << 14);
    pub(super) const LABELED_RESPONSE: Self = Self(1 << 15);
    pub(super) const STANDARD_REPLIES: Self = Self(1 << 16);
    pub(super) const CHATHISTORY: Self = Self(1 << 17);
    pub(super) const EXTENDED_MONITOR: Self = Self(1 << 18);
    pub(super) const NO_IMPLICIT_NAMES: Self = Self(1 << 19);

    /// How many sets of those capabilities there are that change what many are shown.
    pub(crate) const SHARED_SETS: usize = 16;
    /// Those capabilities.
    const SHARED: u32 = Self::SHARED_SETS as u32 - 1;

    /// Whether all of `caps` are among these.
    #[must_use]
    pub const fn has(self, caps: Self) -> bool {
        self.0 & caps.0 == caps.0
    }

    /// Both.
    #[must_use]
    pub const fn with(self, caps: Self) -> Self {
        Self(self.0 | caps.0)
    }

    /// These without those.
    #[must_use]
    pub const fn without(self, caps: Self) -> Self {
        Self(self.0 & !caps.0)
    }

    /// Those of them that change what many are shown.
    #[must_use]
    pub(crate) const fn shared(self) -> Self {
        Self(self.0 & Self::SHARED)
    }

    /// A number below [`SHARED_SETS`](Self::SHARED_SETS) for a set of those.
    pub(crate) const fn shared_index(self) -> usize {
        self.shared().0 as usize
    }

    pub(crate) const fn of_shared_index(index: usize) -> Self {
        Self(index as u32 & Self::SHARED)
    }

    /// One by its name.
    pub(super) fn named(name: &str) -> Option<Self> {
        CATALOGUE.iter().find(|(known, _, _)| *known == name).map(|(_, caps, _)| *caps)
    }

    /// All that there are, as `CAP LS` lists them; with their values, if the client reads those.
    pub(super) fn offered(with_values: bool) -> String {
        let mut list = String::new();
        for (name, _, value) in CATALOGUE {
            push_word(&mut list, name);
            if with_values && !value.is_empty() {
                list.push('=');
                list.push_str(value);
            }
        }
        list
    }

    /// Their names.
    pub(super) fn names(self) -> String {
        let mut list = String::new();
        for (name, _, _) in CATALOGUE.iter().filter(|(_, caps, _)| self.has(*caps)) {
            push_word(&mut list, name);
        }
        list
    }
}

fn push_word(list: &mut String, word: &str) {
    if !list.is_empty() {
        list.push(' ');
    }
    list.push_str(word);
}

/// Name, bit, and the value that version 302 shows.
const CATALOGUE: &[(&str, Caps, &str)] = &[
    ("account-notify", Caps::ACCOUNT_NOTIFY, ""),
    ("account-tag", Caps::ACCOUNT_TAG, ""),
    ("away-notify", Caps::AWAY_NOTIFY, ""),
    ("batch", Caps::BATCH, ""),
    ("cap-notify", Caps::CAP_NOTIFY, ""),
    ("chghost", Caps::CHGHOST, ""),
    ("draft/chathistory", Caps::CHATHISTORY, ""),
    ("echo-message", Caps::ECHO_MESSAGE, ""),
    ("extended-join", Caps::EXTENDED_JOIN, ""),
    ("extended-monitor", Caps::EXTENDED_MONITOR, ""),
    ("invite-notify", Caps::INVITE_NOTIFY, ""),
    ("labeled-response", Caps::LABELED_RESPONSE, ""),
    ("message-tags", Caps::MESSAGE_TAGS, ""),
    ("multi-prefix", Caps::MULTI_PREFIX, ""),
    ("no-implicit-names", Caps::NO_IMPLICIT_NAMES, ""),
    ("sasl", Caps::SASL, "PLAIN"),
    ("server-time", Caps::SERVER_TIME, ""),
    ("setname", Caps::SETNAME, ""),
    ("standard-replies", Caps::STANDARD_REPLIES, ""),
    ("userhost-in-names", Caps::USERHOST_IN_NAMES, ""),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_capability_has_a_bit_of_its_own() {
        let mut all = Caps::default();
        for (name, caps, _) in CATALOGUE {
            assert!(!all.has(*caps), "{name}");
            all = all.with(*caps);
            assert_eq!(Caps::named(name), Some(*caps));
        }
        assert_eq!(all.names().split(' ').count(), CATALOGUE.len());
        for index in 0..Caps::SHARED_SETS {
            assert_eq!(Caps::of_shared_index(index).shared_index(), index);
        }
    }
}
