//! What happens, in words: the way to a broken promise.

use super::choices::Action;
use super::machines::{Machines, NAMES, mark};
use super::world::{CONNS, END, Net, World, owner};

impl World {
    /// Something that happens in this state, in words.
    pub(super) fn tell(&self, machines: &Machines, net: &Net, action: Action) -> String {
        let name = |who: u8| NAMES[usize::from(who)];
        let of = |wire: u8| {
            let conn = net.wires[usize::from(wire)].conn;
            format!("{}'s connection {}", name(owner(conn)), conn % CONNS)
        };
        let chunk = |chunk: u32| match chunk {
            END => "its end".to_owned(),
            chunk => String::from_utf8_lossy(machines.chunks.get(chunk)).trim_end().replace('\n', " ⏎ "),
        };
        match action {
            Action::Connect { who } => format!("{} connects and says hello", name(who)),
            Action::Ask { who } => format!("{} asks: {}", name(who), mark(who, self.people[usize::from(who)].asked)),
            Action::Up { wire } => {
                format!("server hears on {}: {}", of(wire), chunk(net.wires[usize::from(wire)].up[0]))
            }
            Action::Down { wire } => {
                format!("client hears on {}: {}", of(wire), chunk(net.wires[usize::from(wire)].down[0]))
            }
            Action::Commit => {
                let record = machines.records.get(machines.lists.get(self.waiting)[0]);
                format!("log stores {:?}", record.intents)
            }
            Action::Answer => "history answers".to_owned(),
            Action::Crash { kept } => {
                let waiting = machines.lists.get(self.waiting).len();
                format!("server crashes, {kept} of {waiting} records on their way are stored, and starts again")
            }
            Action::Cut { wire, kept } => {
                let on_the_way = net.wires[usize::from(wire)].up.len();
                format!("{} dies, {kept} of {on_the_way} chunks on their way up arrive yet", of(wire))
            }
            Action::Deadline => "time passes up to the server's next deadline".to_owned(),
        }
    }
}
