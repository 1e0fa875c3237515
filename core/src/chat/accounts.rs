//! What those are known by who can come back: an account each, given once and gone with them.
//!
//! This is a part of the state of its own, behind all others, so that what older rules came to has the same bytes, and the
//! same digest, as ever.

use alloc::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Chat;
use crate::protocol::{Account, ClientId, Nick, Seq, Standing};

/// The accounts of all who are known and hold a key.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug, Serialize, Deserialize)]
pub(super) struct Accounts(BTreeMap<ClientId, Account>);

impl Accounts {
    /// Somebody is known from here on: by what they are called, and by an entry of their own, which nobody else has.
    pub(super) fn give(&mut self, client: ClientId, nick: &Nick, since: Seq) {
        self.0.insert(client, Account::new(nick, since));
    }

    /// Somebody is known no more.
    pub(super) fn forget(&mut self, client: &ClientId) {
        self.0.remove(client);
    }
}

impl Chat {
    /// What somebody is known by who can come back, whatever they are called. Rules 1 and 2 know of no accounts.
    #[must_use]
    pub fn account(&self, client: &ClientId) -> Option<&Account> {
        self.accounts.0.get(client)
    }

    /// Rules that know of accounts come to a log of older ones: whoever is known gets theirs, by their last entry.
    pub(super) fn give_accounts(&mut self) {
        for (client, person) in self.people.iter().filter(|(_, person)| person.standing == Standing::Keyed) {
            self.accounts.give(*client, &person.nick, person.active);
        }
    }
}

/// The first version of the rules that knows of accounts.
pub(super) const WITH_ACCOUNTS: u32 = 3;
