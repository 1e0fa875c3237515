//! What can happen in a state, and which of it has to be looked at.

use super::Bounds;
use super::machines::Machines;
use super::world::{END, Net, Wire, World, owner};

/// What can happen next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Action {
    /// Time passes until somebody's program wants a connection, and it gets one.
    Connect { who: u8 },
    /// Somebody says the next thing they have to say.
    Ask { who: u8 },
    /// The next chunk on this connection reaches the server.
    Up { wire: u8 },
    /// The next chunk on this connection reaches its client.
    Down { wire: u8 },
    /// The next record is durable, and the server is told.
    Commit,
    /// History answers.
    Answer,
    /// The server dies, though the log keeps so many records of those on their way; and is started again.
    Crash { kept: u8 },
    /// A connection dies for its client. So many chunks on their way up arrive yet; the server is told of its end later.
    Cut { wire: u8, kept: u8 },
    /// Time passes up to the server's next deadline.
    Deadline,
}

impl Action {
    /// Whether this is trouble that need not come.
    pub(super) const fn is_fault(self) -> bool {
        match self {
            Self::Crash { .. } | Self::Cut { .. } | Self::Deadline => true,
            Self::Connect { .. }
            | Self::Ask { .. }
            | Self::Up { .. }
            | Self::Down { .. }
            | Self::Commit
            | Self::Answer => false,
        }
    }
}

impl World {
    /// All that can happen in this state. With `reduced`, only what has to be looked at: see the module.
    pub(super) fn actions(&self, machines: &Machines, net: &Net, bounds: &Bounds) -> Vec<Action> {
        if bounds.reduced
            && let Some(alone) = self.first_alone(machines, net, bounds)
        {
            return vec![alone];
        }
        let mut actions = Vec::new();
        for who in 0..2 {
            let somebody = &self.people[usize::from(who)];
            if somebody.conn == 0 && !somebody.ended {
                actions.push(Action::Connect { who });
            }
            let hears = net.wires.iter().any(|wire| wire.conn == somebody.conn && !wire.down.is_empty());
            if self.may_ask(who, bounds) && (somebody.online || hears || !bounds.reduced) {
                actions.push(Action::Ask { who });
            }
        }
        for (place, wire) in (0..).zip(&net.wires) {
            if wire.server && wire.up.first().is_some_and(|next| *next == END || !wire.paused) {
                actions.push(Action::Up { wire: place });
            }
            if !wire.down.is_empty() {
                actions.push(Action::Down { wire: place });
            }
            if self.cuts > 0 && owner(wire.conn) == CUT && wire.client && wire.server {
                let most = if bounds.late { wire.up.len() } else { 0 };
                let most = u8::try_from(most).expect("few chunks are on their way");
                actions.extend((0..=most).map(|kept| Action::Cut { wire: place, kept }));
            }
        }
        let waiting = machines.lists.get(self.waiting).len();
        if waiting > 0 {
            actions.push(Action::Commit);
        }
        if !net.loads.is_empty() {
            actions.push(Action::Answer);
        }
        if self.crashes > 0 {
            let most = u8::try_from(waiting).expect("few records are on their way");
            actions.extend((0..=most).map(|kept| Action::Crash { kept }));
        }
        if self.deadlines > 0 && machines.servers.get(self.server).poll_timeout().is_some_and(soon) {
            actions.push(Action::Deadline);
        }
        actions
    }

    /// Something that commutes with all else that may still happen: then it may as well happen first.
    fn first_alone(&self, machines: &Machines, net: &Net, bounds: &Bounds) -> Option<Action> {
        if self.crashes > 0 || self.cuts > 0 {
            return None;
        }
        let offline = (0..2).find(|who| {
            let somebody = &self.people[usize::from(*who)];
            somebody.conn == 0 && !somebody.ended
        });
        if let Some(who) = offline {
            return Some(Action::Connect { who });
        }
        let silent = |wire: &Wire| !wire.down.is_empty() && !self.may_ask(owner(wire.conn), bounds);
        if let Some(wire) = net.wires.iter().position(silent) {
            return Some(Action::Down { wire: u8::try_from(wire).expect("there are few connections") });
        }
        let plain =
            self.deadlines == 0 && net.loads.is_empty() && net.wires.iter().all(|wire| wire.client && wire.server);
        (plain && !machines.lists.get(self.waiting).is_empty()).then_some(Action::Commit)
    }

    const fn may_ask(&self, who: u8, bounds: &Bounds) -> bool {
        let somebody = &self.people[who as usize];
        somebody.asked < bounds.messages[who as usize] && !somebody.ended
    }
}

/// Whose connection dies. The two differ in nothing but their names: what happens to the other is the same, mirrored.
const CUT: u8 = 0;

/// Deadlines beyond this are those that are switched off.
fn soon(due: causerie_core::time::Timestamp) -> bool {
    due.micros() < 1 << 40
}
