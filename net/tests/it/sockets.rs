//! The server and the client over real sockets.

use causerie_core::limits::Limits;
use tokio::io::AsyncWriteExt;

use crate::hosts::{Guest, Host, Native, memory, on_one_thread};

#[test]
fn people_at_netcat_and_at_the_client_talk_with_each_other() {
    on_one_thread(async {
        let host = Host::start(memory(), Limits::default()).await;
        let mut tugay = Guest::arrive(host.address, "tugay").await;
        let hasan = Native::arrive(host.address, "hasan", 1).await;
        let ada = Native::arrive(host.address, "ada", 2).await;
        tugay.hear("hasan, joined chat room").await;
        tugay.say("aa").await;
        assert_eq!(hasan.heard().await, ("tugay".into(), "aa".into()));
        assert_eq!(ada.heard().await, ("tugay".into(), "aa".into()));
        hasan.say("merhaba").await;
        assert_eq!(ada.heard().await, ("hasan".into(), "merhaba".into()));
        tugay.hear("merhaba").await;
        hasan.quit().await;
        ada.quit().await;
        host.stop().await;
    });
}

#[test]
fn who_sends_everything_at_once_and_ends_gets_every_answer() {
    on_one_thread(async {
        let host = Host::start(memory(), Limits::default()).await;
        let mut other = Guest::arrive(host.address, "other").await;
        let mut piped = Guest::connect(host.address).await;
        piped.writer.write_all(b"piped\none\n/nonsense\ntwo\n/who\n").await.unwrap();
        piped.writer.shutdown().await.unwrap();
        let said = piped.rest().await.join("\n");
        assert!(said.contains("Welcome") && said.contains("nonsense") && said.contains("other"), "{said}");
        other.hear("one").await;
        other.hear("two").await;
        host.stop().await;
    });
}
