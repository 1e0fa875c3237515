//! What is asked of every IRC server. Most of it was found by a conformance suite made by others: see
//! `cli/tests/irc/conformance.py`.

use crate::doors::Doorway;
use crate::irc::{after_the_opening, converse};

#[test]
fn whoever_just_came_can_be_spoken_to_at_once() {
    insta::assert_snapshot!(after_the_opening(&converse(
        "
        ada> NICK ada
        ada> USER a 0 * :Ada
        ada> PING begin
        bob> NICK bob
        bob> USER b 0 * :Bob
        ada> PRIVMSG bob :you are new here
    "
    )));
}

#[test]
fn whoever_asks_for_some_is_not_told_of_all() {
    insta::assert_snapshot!(after_the_opening(&converse(
        "
        ada> CAP REQ :multi-prefix
        ada> NICK ada
        ada> USER a 0 * :Ada
        ada> CAP END
        bob> NICK bob
        bob> USER b 0 * :Bob
        ada> PING begin
        ada> NAMES
        ada> JOIN #lab,#library
        bob> JOIN #lab
        ada> MODE #lab +ovk bob bob
        ada> MODE #lab +vo bob bob
        ada> NAMES #lab
        bob> NAMES #lab
        ada> WHO #lab
        bob> LIST #nowhere
        bob> LIST #la*,!*b
        bob> LIST >1
        bob> WHO a*
        bob> WHO * o
        bob> MODE bob +i
        ada> WHOIS bob
        bob> PART #lab
        ada> WHOIS bob
        ada> WHO *
        ada> LUSERS
    "
    )));
}

#[test]
fn what_cannot_be_is_told_by_its_number() {
    insta::assert_snapshot!(after_the_opening(&converse(
        "
        ada> NICK ada
        ada> USER a 0 * :Ada
        bob> NICK bob
        bob> USER b 0 * :Bob
        ada> PING begin
        ada> KICK #nowhere bob
        ada> MODE #nowhere +o bob
        ada> INVITE bob #nowhere
        ada> TOPIC #nowhere :nothing
        ada> PART #nowhere
        ada> PRIVMSG #nowhere :nothing
        ada> JOIN #hidden
        ada> MODE #hidden +s
        bob> PART #hidden
        bob> JOIN #hidden
        ada> KICK #hidden,#hidden,#hidden bob,ada
        ada> KICK #hidden,#hidden bob,nobody :both
        ada> MODE #hidden +k :two words
        ada> MODE #hidden +l many
        ada> MODE #hidden +o no!body
        ada> MODE
        ada> SETNAME :Countess
        ada> CHATHISTORY
        ada> CHATHISTORY LATEST no!body * 5
        ada> MODE #hidden +i
        bob> CHATHISTORY LATEST #hidden * 5
    "
    )));
}

#[test]
fn what_is_not_taken_and_signs_carry_labels_too() {
    let mut doorway = Doorway::new();
    let conn = doorway.open();
    doorway.say(
        conn,
        b"CAP REQ :labeled-response batch echo-message message-tags\r\nNICK eko\r\nUSER e 0 * :E\r\nCAP END\r\n",
    );
    doorway.say(conn, b"@label=1 JOIN #new\r\nPING begin\r\n");
    let opened = doorway.screens[&conn].len();
    doorway.say(conn, b"@label=2 PRIVMSG #new :\xff\r\n");
    doorway.say(conn, format!("@label=3 PRIVMSG #new :{}\r\n", "x".repeat(600)).as_bytes());
    doorway.say(conn, b"@label=4;+typing=active TAGMSG #new\r\n@+typing=done TAGMSG #new\r\n");
    doorway.say(conn, b"@label=5;+typing=active TAGMSG #new,nobody\r\n@label=6;+typing=done TAGMSG nobody\r\n");
    let screen = String::from_utf8_lossy(&doorway.screens[&conn][opened..]).into_owned();
    insta::assert_snapshot!(screen.replace("\r\n", "\n"), @"
    @label=2 :irc.causerie FAIL PRIVMSG INVALID_UTF8 :not taken: the line is not UTF-8; set your client to UTF-8
    @label=3 :irc.causerie 417 eko :not taken: a line has at most 512 bytes
    @+typing=active;label=4 :eko!eko@causerie TAGMSG #new
    @+typing=done :eko!eko@causerie TAGMSG #new
    @label=5 :irc.causerie BATCH +8 labeled-response
    @+typing=active;batch=8 :eko!eko@causerie TAGMSG #new
    :irc.causerie BATCH -8
    @label=6 :irc.causerie ACK
    ");
}

#[test]
fn whoever_enters_while_away_is_known_to_be() {
    insta::assert_snapshot!(after_the_opening(&converse(
        "
        ada> CAP REQ :away-notify
        ada> NICK ada
        ada> USER a 0 * :Ada
        ada> CAP END
        ada> JOIN #new
        bob> NICK bob
        bob> USER b 0 * :Bob
        bob> PING begin
        bob> AWAY :gone fishing
        bob> JOIN #new
        bob> AWAY :gone fishing
        bob> AWAY
        bob> AWAY
        bob> QUIT
    "
    )));
}

#[test]
fn whoever_is_watched_is_known_to_be_away_to_those_who_ask_for_that() {
    insta::assert_snapshot!(after_the_opening(&converse(
        "
        ada> CAP REQ :extended-monitor away-notify setname
        ada> NICK ada
        ada> USER a 0 * :Ada
        ada> CAP END
        eve> CAP REQ :away-notify setname
        eve> NICK eve
        eve> USER e 0 * :Eve
        eve> CAP END
        bob> NICK bob
        bob> USER b 0 * :Bob
        ada> MONITOR + bob
        eve> MONITOR + bob
        bob> PING begin
        bob> AWAY :gone fishing
        bob> SETNAME :Robert
        bob> JOIN #new
        ada> JOIN #new
        bob> AWAY
        ada> PART #new
        ada> MONITOR C
        bob> AWAY :again
    "
    )));
}
