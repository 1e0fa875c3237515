//! A plan as people read it: one line for each deed and each fault, in order.

use std::fmt;

use super::{Deed, Fault, Keeps, Plan, Trouble, Way, What};

/// A moment, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Seconds(/** In microseconds. */ pub u64);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:03}", self.0 / 1_000_000, self.0 / 1_000 % 1_000);
        f.pad(&text)
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, line) in self.timed_lines() {
            writeln!(f, "{:>8}  {line}", Seconds(at))?;
        }
        Ok(())
    }
}

impl Plan {
    /// What is to happen, in order: when, in virtual microseconds, and in words.
    #[must_use]
    pub fn timed_lines(&self) -> Vec<(u64, String)> {
        let mut lines: Vec<(u64, String)> = Vec::new();
        for person in &self.people {
            lines.push((person.from_ms, format!("{} comes ({:?})", person.name, person.kind)));
        }
        lines.extend(self.deeds.iter().map(|deed| (deed.at_ms, self.deed(deed))));
        lines.extend(self.faults.iter().map(|fault| (fault.at_ms, self.fault(fault))));
        lines.push((self.faults_ms, "✓ everything heals".to_owned()));
        lines.sort_by_key(|(at, _)| *at);
        lines.iter_mut().for_each(|(at, _)| *at *= 1_000);
        lines
    }

    fn name(&self, who: usize) -> &str {
        self.people.get(who).map_or("nobody", |person| &person.name)
    }

    fn deed(&self, deed: &Deed) -> String {
        let (name, id) = (self.name(deed.who), deed.id);
        let words = if deed.words.is_empty() { String::new() } else { format!(" {}", deed.words) };
        match &deed.what {
            What::Say { room, bytes: 0..24 } => format!("{name} → #{room}  \"d{id}{words}\""),
            What::Say { room, bytes } => format!("{name} → #{room}  \"d{id}{words}\", {bytes} bytes"),
            What::Private { to } => format!("{name} → {}  \"d{id}{words}\", private", to.join(", ")),
            What::Burst { count } => format!("{name} → #lobby  {count} lines \"d{id}…\" at once"),
            What::Join { room } => format!("{name} joins #{room}"),
            What::Leave { room } => format!("{name} leaves #{room}"),
            What::Nick { nick } => format!("{name} takes the nick {nick}"),
            What::History { room, further } => {
                format!("{name} reads #{room}{}", if *further { ", further back" } else { "" })
            }
            What::Order { line } => format!("{name} types {line}"),
            What::Who => format!("{name} asks who is here"),
            What::Quit => format!("{name} goes"),
        }
    }

    fn fault(&self, fault: &Fault) -> String {
        let ms = |ms: &u64| format!("{} s", Seconds(ms * 1_000));
        match &fault.what {
            Trouble::Cut { who, for_ms } => format!("✕ link of {} cut for {}", self.name(*who), ms(for_ms)),
            Trouble::CutOneWay { who, way, for_ms } => {
                let way = if *way == Way::Up { "to" } else { "from" };
                format!("✕ link of {} {way} the server cut for {}", self.name(*who), ms(for_ms))
            }
            Trouble::Hold { who, for_ms } => format!("✕ connection of {} held for {}", self.name(*who), ms(for_ms)),
            Trouble::Reset { who, at, lossy } => {
                let at = if *at == Way::Up { "client" } else { "server" };
                let lossy = if *lossy { ", what is on the way lost" } else { "" };
                format!("✕ connection of {} reset at the {at}{lossy}", self.name(*who))
            }
            Trouble::Dark { who } => format!("✕ connection of {} goes dark", self.name(*who)),
            Trouble::Restart { who, keeps, down_ms } => {
                let keeps = match keeps {
                    Keeps::All => "its memory",
                    Keeps::Old => "an old memory",
                    Keeps::Nothing => "no memory",
                };
                format!("✕ client of {} killed, started after {} with {keeps}", self.name(*who), ms(down_ms))
            }
            Trouble::Kill { power: true, down_ms } => format!("✕ server loses power for {}", ms(down_ms)),
            Trouble::Kill { power: false, down_ms } => format!("✕ server killed, started after {}", ms(down_ms)),
            Trouble::Stop { down_ms } => format!("✕ server stops, started after {}", ms(down_ms)),
            Trouble::LogLost { fsync: true, for_ms } => format!("✕ fsync fails, server restarted after {}", ms(for_ms)),
            Trouble::LogLost { fsync: false, for_ms } => format!("✕ disk full, server restarted after {}", ms(for_ms)),
            Trouble::LogStall { for_ms } => format!("✕ log stalls for {}", ms(for_ms)),
            Trouble::Slow { who, for_ms } => format!("✕ {} does not read for {}", self.name(*who), ms(for_ms)),
            Trouble::Spike { extra_ms, for_ms } => format!("✕ {extra_ms} ms more latency for {}", ms(for_ms)),
            Trouble::Second { who } => format!("✕ {} connects from elsewhere", self.name(*who)),
            Trouble::ClockJump { by_ms } => format!("✕ the time of day jumps by {by_ms} ms"),
            Trouble::Stranger { malice } => format!("✕ a stranger connects: {malice:?}"),
            Trouble::PowerAtOperation { operation, down_ms } => {
                format!("✕ server loses power at disk operation {operation} from here on, for {}", ms(down_ms))
            }
            Trouble::Crowd { count, for_ms } => format!("✕ {count} connect and say nothing for {}", ms(for_ms)),
        }
    }
}

impl Fault {
    /// In words, with the names of a plan.
    #[must_use]
    pub fn told(&self, plan: &Plan) -> String {
        plan.fault(self)
    }
}

impl Deed {
    /// In words, with the names of a plan.
    #[must_use]
    pub fn told(&self, plan: &Plan) -> String {
        plan.deed(self)
    }
}
