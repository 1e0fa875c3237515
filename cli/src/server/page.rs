//! The page that browsers get, built in. It is plain HTML, CSS and modules of JavaScript, as they lie in `cli/page`.

use std::net::IpAddr;

use causerie_net::web::File;

const SCRIPT: &str = "text/javascript; charset=utf-8";

/// The page and what it needs.
pub(super) const FILES: &[File] = &[
    File { path: "/", kind: "text/html; charset=utf-8", text: include_str!("../../page/index.html") },
    File { path: "/page.css", kind: "text/css; charset=utf-8", text: include_str!("../../page/page.css") },
    File { path: "/icon.svg", kind: "image/svg+xml", text: include_str!("../../page/icon.svg") },
    File { path: "/page.js", kind: SCRIPT, text: include_str!("../../page/page.js") },
    File { path: "/chat.js", kind: SCRIPT, text: include_str!("../../page/chat.js") },
    File { path: "/client.js", kind: SCRIPT, text: include_str!("../../page/client.js") },
    File { path: "/field.js", kind: SCRIPT, text: include_str!("../../page/field.js") },
    File { path: "/known.js", kind: SCRIPT, text: include_str!("../../page/known.js") },
    File { path: "/offers.js", kind: SCRIPT, text: include_str!("../../page/offers.js") },
    File { path: "/order.js", kind: SCRIPT, text: include_str!("../../page/order.js") },
    File { path: "/roster.js", kind: SCRIPT, text: include_str!("../../page/roster.js") },
    File { path: "/rows.js", kind: SCRIPT, text: include_str!("../../page/rows.js") },
    File { path: "/sheet.js", kind: SCRIPT, text: include_str!("../../page/sheet.js") },
    File { path: "/storage.js", kind: SCRIPT, text: include_str!("../../page/storage.js") },
    File { path: "/typed.js", kind: SCRIPT, text: include_str!("../../page/typed.js") },
    File { path: "/view.js", kind: SCRIPT, text: include_str!("../../page/view.js") },
    File { path: "/who.js", kind: SCRIPT, text: include_str!("../../page/who.js") },
    File { path: "/wire.js", kind: SCRIPT, text: include_str!("../../page/wire.js") },
];

/// Whether an address is one of this machine's.
pub(super) fn is_local(address: IpAddr) -> bool {
    if_addrs::get_if_addrs().is_ok_and(|own| own.iter().any(|one| one.ip() == address))
}
