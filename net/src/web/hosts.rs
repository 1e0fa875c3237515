//! Who may ask: requests that name this server as it is called, and WebSockets of its own page.
//!
//! A browser says in `Host` which name it looked up, and in `Origin` whose page is asking. A page of somebody else's whose
//! name was made to lead here (DNS rebinding) shows by the first, a page that reaches across by the second. The port of
//! `Host` is not looked at: behind a forwarded port it is another one.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use hyper::HeaderMap;
use hyper::header::{HOST, HeaderName, ORIGIN};

use super::Site;

/// Why a request is not answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Stranger {
    /// It does not say, or not once, whom it means.
    NoHost,
    /// It means somebody else.
    Host(String),
    /// It comes from somebody else's page.
    Origin,
}

impl fmt::Display for Stranger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoHost => f.write_str("a request has to say in one Host field which server it means"),
            Self::Host(host) => write!(
                f,
                "this server does not go by the name {host}; whoever runs it can allow that: \
                 causerie server --web-host {host}"
            ),
            Self::Origin => f.write_str("another site's page cannot talk here; open this server's own address instead"),
        }
    }
}

/// Whether a request means this server.
pub(crate) fn check_host(fields: &HeaderMap, site: &Site, listening: &[SocketAddr]) -> Result<(), Stranger> {
    let host = host_of(fields).ok_or(Stranger::NoHost)?;
    let (name, _) = parted(&host).ok_or(Stranger::NoHost)?;
    let known = match name.parse::<IpAddr>() {
        Ok(address) => listening.iter().any(|at| match at.ip() {
            every if every.is_unspecified() => address.is_loopback() || (site.is_local)(address),
            one => one == address,
        }),
        Err(_) => name == "localhost",
    };
    let named = || site.names.iter().any(|allowed| allowed.trim_end_matches('.').eq_ignore_ascii_case(name));
    if known || named() { Ok(()) } else { Err(Stranger::Host(name.to_owned())) }
}

/// Whether a WebSocket is asked for by this server's own page, or by a program, which has none.
pub(crate) fn check_origin(fields: &HeaderMap) -> Result<(), Stranger> {
    if !fields.contains_key(ORIGIN) {
        return Ok(());
    }
    let origin = only(fields, &ORIGIN).ok_or(Stranger::Origin)?;
    let page = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")).ok_or(Stranger::Origin)?;
    if host_of(fields).as_deref() == Some(page) { Ok(()) } else { Err(Stranger::Origin) }
}

fn host_of(fields: &HeaderMap) -> Option<String> {
    only(fields, &HOST)
}

/// A field's value in lower case, if it stands there once.
fn only(fields: &HeaderMap, name: &HeaderName) -> Option<String> {
    let mut values = fields.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then(|| value.to_ascii_lowercase())
}

/// `lab.example:3823` or `[::1]:3823` in its name, without brackets or a last dot, and its port.
fn parted(host: &str) -> Option<(&str, &str)> {
    let (name, port) = if let Some(rest) = host.strip_prefix('[') {
        let (name, rest) = rest.split_once(']')?;
        (name, if rest.is_empty() { rest } else { rest.strip_prefix(':')? })
    } else {
        host.split_once(':').unwrap_or((host, ""))
    };
    let name = name.trim_end_matches('.');
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-._:".contains(c));
    (is_name && port.chars().all(|c| c.is_ascii_digit())).then_some((name, port))
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    fn fields(host: &[&str], origin: Option<&str>) -> HeaderMap {
        let mut fields = HeaderMap::new();
        for host in host {
            fields.append(HOST, HeaderValue::from_str(host).unwrap());
        }
        origin.map(|origin| fields.append(ORIGIN, HeaderValue::from_str(origin).unwrap()));
        fields
    }

    fn host(host: &str, listening: &str) -> Result<(), Stranger> {
        let site = Site {
            names: vec!["lab.example".into()],
            is_local: |address| address == IpAddr::from([192, 168, 1, 20]),
            ..Site::default()
        };
        check_host(&fields(&[host], None), &site, &[listening.parse().unwrap()])
    }

    #[test]
    fn a_server_answers_to_its_addresses_and_names() {
        for (called, listening) in [
            ("127.0.0.1:3823", "127.0.0.1:3823"),
            ("127.0.0.1", "127.0.0.1:3823"),
            ("localhost:9000", "127.0.0.1:3823"),
            ("LOCALHOST.", "127.0.0.1:3823"),
            ("[::1]:3823", "[::1]:3823"),
            ("Lab.Example:3823", "127.0.0.1:3823"),
            ("192.168.1.20:3823", "0.0.0.0:3823"),
            ("127.0.0.1:3823", "0.0.0.0:3823"),
        ] {
            assert_eq!(host(called, listening), Ok(()), "{called}");
        }
    }

    #[test]
    fn it_answers_to_no_other() {
        for called in
            ["evil.example:3823", "127.0.0.2", "192.168.1.20:3823", "localhost.evil.example", "lab", "0.0.0.0"]
        {
            assert!(matches!(host(called, "127.0.0.1:3823"), Err(Stranger::Host(_))), "{called}");
        }
        for called in ["", ":3823", "a b", "<script>", "[::1", "localhost:80x", "user@localhost"] {
            assert_eq!(host(called, "127.0.0.1:3823"), Err(Stranger::NoHost), "{called}");
        }
        assert!(matches!(host("192.168.1.21:3823", "0.0.0.0:3823"), Err(Stranger::Host(_))));
        let twice = fields(&["localhost", "evil.example"], None);
        assert_eq!(check_host(&twice, &Site::default(), &[]), Err(Stranger::NoHost));
        assert_eq!(check_host(&fields(&[], None), &Site::default(), &[]), Err(Stranger::NoHost));
    }

    #[test]
    fn a_websocket_is_the_own_page_s_or_a_program_s() {
        let origin = |origin| check_origin(&fields(&["lab.example:3823"], origin));
        assert_eq!(origin(None), Ok(()));
        assert_eq!(origin(Some("http://lab.example:3823")), Ok(()));
        assert_eq!(origin(Some("https://LAB.example:3823")), Ok(()));
        for other in ["http://lab.example", "http://evil.example:3823", "null", "file://", "lab.example:3823", ""] {
            assert_eq!(origin(Some(other)), Err(Stranger::Origin), "{other}");
        }
    }
}
