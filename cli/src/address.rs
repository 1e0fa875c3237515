//! Where a server is, as people type it.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

/// The port of the first of the lab systems, and ours.
pub(crate) const PORT: u16 = 3823;

/// A host by name or number, and a port.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Address {
    /// The host, an IPv6 address without its brackets.
    pub(crate) host: String,
    /// The port.
    pub(crate) port: u16,
}

impl Default for Address {
    fn default() -> Self {
        Self { host: "127.0.0.1".into(), port: PORT }
    }
}

impl Address {
    /// The address, if it names its port.
    ///
    /// # Errors
    /// A sentence that says how it should look.
    pub(crate) fn with_port(text: &str) -> Result<Self, String> {
        match parse(text)? {
            (host, Some(port)) => Ok(Self { host, port }),
            (host, None) => Err(format!("the port is missing; like this: {}", Self { host, port: PORT })),
        }
    }

    /// The address as part of a file's name.
    pub(crate) fn slug(&self) -> String {
        let may_stand = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
        let host: String = self.host.chars().map(|c| if may_stand(c) { c } else { '_' }).collect();
        format!("{}-{}", host.to_lowercase(), self.port)
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        parse(text).map(|(host, port)| Self { host, port: port.unwrap_or(PORT) })
    }
}

fn parse(text: &str) -> Result<(String, Option<u16>), String> {
    let usage = || "like this: 127.0.0.1:3823, lab.example:3823 or [::1]:3823".to_owned();
    let port = |port: &str| port.parse::<u16>().map(Some).map_err(|_| format!("{port:?} is no port; {}", usage()));
    if let Some(rest) = text.strip_prefix('[') {
        let (host, rest) = rest.split_once(']').ok_or_else(usage)?;
        host.parse::<Ipv6Addr>().map_err(|_| usage())?;
        return Ok((host.into(), rest.strip_prefix(':').map_or(Ok(None), port)?));
    }
    if text.parse::<Ipv6Addr>().is_ok() {
        return Ok((text.into(), None));
    }
    let (host, port) = match text.rsplit_once(':') {
        Some((host, given)) => (host, port(given)?),
        None => (text, None),
    };
    let is_name =
        !host.is_empty() && !host.contains(|c: char| c.is_whitespace() || c.is_control() || "/:@".contains(c));
    if is_name { Ok((host.into(), port)) } else { Err(usage()) }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_people_write_it() {
        let read = |text: &str| text.parse::<Address>().map(|address| address.to_string());
        assert_eq!(read("lab"), Ok("lab:3823".into()));
        assert_eq!(read("192.168.1.20:4000"), Ok("192.168.1.20:4000".into()));
        assert_eq!(read("::1"), Ok("[::1]:3823".into()));
        assert_eq!(read("[::1]:4000"), Ok("[::1]:4000".into()));
        for bad in ["", ":3823", "lab:x", "lab:70000", "a b", "http://lab:3823", "[lab]:1"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_listener_names_its_port() {
        assert!(Address::with_port("127.0.0.1:0").is_ok());
        assert_eq!(Address::with_port("127.0.0.1"), Err("the port is missing; like this: 127.0.0.1:3823".into()));
    }

    #[test]
    fn an_address_makes_a_file_name() {
        assert_eq!("[fe80::1%eth0]:1".parse::<Address>().ok(), None);
        assert_eq!(Address { host: "::1".into(), port: 3823 }.slug(), "__1-3823");
    }
}
