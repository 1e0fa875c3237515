//! What IRC clients really say, and what they are answered. The openings were written down between real clients and a
//! server by `cli/tests/irc/proxy.py`: weechat 3.8, irssi 1.4.3, ii 1.9, irc-framework 4.14.

use causerie_core::server::{ConnId, Input};

use crate::doors::Doorway;

/// A conversation: each line is `who> what`, each `who` a connection of its own. A line without words loses it.
pub(crate) fn converse(script: &str) -> String {
    let mut doorway = Doorway::new();
    let mut people: Vec<(String, ConnId, usize)> = Vec::new();
    let mut transcript = Vec::new();
    for step in script.lines().map(str::trim).filter(|step| !step.is_empty()) {
        transcript.push(step.to_owned());
        let (who, what) = step.split_once('>').unwrap();
        let conn = match people.iter().rev().find(|(name, ..)| name == who) {
            Some((_, conn, _)) => *conn,
            None => {
                let conn = doorway.open();
                people.push((who.to_owned(), conn, 0));
                conn
            }
        };
        match what.strip_prefix(' ') {
            Some(line) => doorway.say(conn, format!("{line}\r\n").as_bytes()),
            None => {
                doorway.input(Input::Closed { conn });
                people.retain(|(name, ..)| name != who);
            }
        }
        for (name, conn, seen) in &mut people {
            let screen = &doorway.screens[conn];
            for line in String::from_utf8_lossy(&screen[*seen..]).lines() {
                transcript.push(format!("    {name} < {}", line.replace('\u{1}', "\\1")));
            }
            *seen = screen.len();
        }
    }
    transcript.join("\n")
}

#[test]
fn weechat_opens() {
    insta::assert_snapshot!(converse("
        wim> CAP LS 302
        wim> NICK wim
        wim> USER root 0 * :root
        wim> CAP REQ :away-notify cap-notify chghost extended-join message-tags multi-prefix server-time setname userhost-in-names
        wim> CAP END
        wim> JOIN #lobby
        wim> MODE #lobby
        wim> WHO #lobby %cuhsnfdar
    "));
}

#[test]
fn irssi_opens_and_leaves() {
    insta::assert_snapshot!(converse(
        "
        ada> CAP LS 302
        ada> JOIN :
        ada> CAP REQ :multi-prefix extended-join setname away-notify chghost server-time
        ada> CAP END
        ada> NICK ada
        ada> USER root root 127.0.0.1 :root
        ada> MODE ada +i
        ada> JOIN #lobby
        ada> MODE #lobby
        ada> WHO #lobby %tcuhnfdar,743
        ada> MODE #lobby b
        ada> QUIT :leaving
    "
    ));
}

#[test]
fn ii_opens_and_its_name_is_taken() {
    insta::assert_snapshot!(converse(
        "
        tex> iva
        iva> NICK iva
        iva> USER iva localhost 127.0.0.1 :iva
        iva> NICK iva_
        iva> JOIN #lobby
        tex> hello
        tex> @iva_ for you
        iva> PRIVMSG tex :and for you
        iva> PRIVMSG nobody :are you there?
        iva> PRIVMSG #elsewhere :anybody?
    "
    ));
}

/// irc-framework 4.14, what The Lounge and Kiwi are made of, with echoes and labels.
#[test]
fn irc_framework_opens_and_speaks() {
    insta::assert_snapshot!(converse(
        "
        fay> CAP LS 302
        fay> NICK fay
        fay> USER fay 0 * :Fay
        fay> CAP REQ :away-notify batch cap-notify chghost draft/chathistory echo-message extended-join invite-notify labeled-response message-tags multi-prefix server-time setname standard-replies userhost-in-names
        fay> CAP END
        fay> PING 1795291098035
        fay> JOIN #lobby
        fay> MODE #lobby
        fay> WHO #lobby %tcuhsnfdaor,1
        fay> @label=1 PRIVMSG #lobby hello
        fay> @+typing=active TAGMSG #lobby
        fay> CHATHISTORY LATEST #lobby * 5
        fay> PRIVMSG tex :\u{1}VERSION\u{1}
        fay> QUIT bye
    "
    ));
}

#[test]
fn echoes_and_answers_carry_labels_and_come_in_order() {
    insta::assert_snapshot!(converse(
        "
        eko> CAP LS 302
        eko> CAP REQ :server-time message-tags batch labeled-response echo-message
        eko> NICK eko
        eko> USER eko 0 * :Echo
        eko> CAP END
        eko> @label=1 JOIN #new
        eko> @label=2 PRIVMSG #new :\u{1}ACTION waves\u{1}
        eko> @label=3 PRIVMSG #new,nobody :two targets
        eko> @label=4 PONG x
        eko> @label=5 TOPIC #new :what it is about
        eko> @label=6 PING barrier
        eko> CHATHISTORY LATEST #new * 10
        eko> CHATHISTORY BEFORE #new msgid=01010101-4 10
        eko> CHATHISTORY TARGETS timestamp=1970-01-01T00:00:00.000Z timestamp=1999-01-01T00:00:00.000Z 10
        eko> CHATHISTORY AFTER #new nonsense 10
    "
    ));
}

#[test]
fn what_was_said_in_a_closed_room_before_it_ended_is_not_in_chathistory() {
    insta::assert_snapshot!(converse(
        "
        ada> NICK ada
        ada> USER ada 0 * :Ada
        bob> CAP REQ :batch message-tags
        bob> NICK bob
        bob> USER bob 0 * :Bob
        bob> CAP END
        ada> JOIN #den
        ada> MODE #den +s
        ada> PRIVMSG #den :for nobody else
        ada> PART #den
        bob> JOIN #den
        bob> PRIVMSG #den :anybody here?
        bob> CHATHISTORY LATEST #den * 10
        bob> CHATHISTORY AFTER #den msgid=01010101-1 10
        bob> CHATHISTORY AROUND #den msgid=01010101-4 10
        bob> CHATHISTORY TARGETS timestamp=1970-01-01T00:00:00.000Z timestamp=2999-01-01T00:00:00.000Z 10
        bob> PART #den
        bob> JOIN #den
        bob> CHATHISTORY TARGETS timestamp=1970-01-01T00:00:00.000Z timestamp=2999-01-01T00:00:00.000Z 10
    "
    ));
}

#[test]
fn a_room_is_kept_in_order_by_irc() {
    insta::assert_snapshot!(converse(
        "
        ada> NICK ada
        ada> USER a 0 * :Ada
        ada> JOIN #new
        bob> NICK bob
        bob> USER b 0 * :Bob
        bob> JOIN #new
        bob> MODE #new +m
        ada> MODE #new +mk-t+v sesame bob
        ada> MODE #new
        ada> INVITE eve #new
        ada> MODE #new +b eve*
        ada> MODE #new b
        bob> TOPIC #new :bob's
        ada> KICK #new bob :enough
        bob> JOIN #new
        bob> JOIN #new sesame
        bob> NAMES #new
        ada> AWAY :lunch
        bob> WHOIS ada
        ada> NICK countess
        bob> NOTICE #new :a notice
    "
    ));
}

#[test]
fn an_account_comes_back_to_its_rooms_and_is_told_what_it_missed() {
    insta::assert_snapshot!(converse(
        "
        ada> CAP LS 302
        ada> CAP REQ :sasl server-time
        ada> NICK ada
        ada> USER a 0 * :Ada
        ada> AUTHENTICATE PLAIN
        ada> AUTHENTICATE AGFkYQBzZWNyZXQ=
        ada> CAP END
        ada> JOIN #lobby
        tex> tex
        tex> before
        ada>
        tex> while you were out
        tex> @ada for you alone
        ada> CAP REQ :sasl server-time
        ada> NICK ada
        ada> USER a 0 * :Ada
        ada> AUTHENTICATE PLAIN
        ada> AUTHENTICATE AGFkYQBzZWNyZXQ=
        ada> CAP END
        tex> welcome back
    "
    ));
}

#[test]
fn whose_words_they_are_is_told_by_account() {
    let transcript = converse(
        "
        bob> CAP REQ :account-tag account-notify extended-join server-time message-tags batch draft/chathistory
        bob> NICK bob
        bob> USER b 0 * :Bob
        bob> CAP END
        bob> JOIN #new
        old> NICK old
        old> USER o 0 * :Old
        old> JOIN #new
        ada> CAP REQ :sasl extended-join account-tag message-tags echo-message
        ada> NICK ada
        ada> USER a 0 * :Ada
        ada> AUTHENTICATE PLAIN
        ada> AUTHENTICATE AGFkYQBzZWNyZXQ=
        ada> CAP END
        ada> JOIN #new
        ada> PRIVMSG #new,bob :hello
        ada> NICK countess
        ada> @+typing=active TAGMSG #new
        ada> NOTICE #new :that was me
        old> PRIVMSG #new :I am nobody
        bob> WHO #new %na
        bob> WHOIS countess
        bob> MODE #new +o countess
        ada> MODE #new +v old
        ada> TOPIC #new :accounts
        ada> KICK #new old :out
        ada> INVITE old #new
        ada> PART #new
        ada>
        bob> CHATHISTORY LATEST #new * 10
        bob> CHATHISTORY LATEST countess * 10
        ada> CAP REQ :sasl extended-join account-tag
        ada> NICK ada
        ada> USER a 0 * :Ada
        ada> AUTHENTICATE PLAIN
        ada> AUTHENTICATE AGFkYQBzZWNyZXQ=
        ada> CAP END
    ",
    );
    let lines: Vec<&str> = transcript.lines().filter_map(|line| line.trim().strip_prefix("bob < ")).collect();
    let replayed: Vec<_> = lines.iter().filter_map(|line| line.split_once(";batch=")).collect();
    assert_eq!(replayed.len(), 4, "hello, that was me, I am nobody; hello");
    for (tags, rest) in replayed {
        let (_, body) = rest.split_once(' ').unwrap();
        assert!(lines.contains(&&*format!("{tags} {body}")), "read back as it was told: {tags} {body}");
    }
    let (_, shown) = transcript.split_once("old> JOIN #new\n").unwrap();
    insta::assert_snapshot!(shown);
}

#[test]
fn what_clients_say_of_words_goes_with_them() {
    let long = "x".repeat(480);
    let transcript = converse(&format!(
        "
        bob> CAP REQ :server-time message-tags batch draft/chathistory
        bob> NICK bob
        bob> USER b 0 * :Bob
        bob> CAP END
        bob> JOIN #new
        old> NICK old
        old> USER o 0 * :Old
        old> JOIN #new
        tex> tex
        tex> /join new
        ada> CAP REQ :sasl message-tags echo-message labeled-response batch
        ada> NICK ada
        ada> USER a 0 * :Ada
        ada> AUTHENTICATE PLAIN
        ada> AUTHENTICATE AGFkYQBzZWNyZXQ=
        ada> CAP END
        ada> JOIN #new
        ada> PING begin
        ada> @label=1;+draft/reply=01010101-2;ignored=1;+draft/react=a\\sb\\:c PRIVMSG #new,bob :with signs
        ada> @+x NOTICE #new :a notice with one
        ada> @+unclean=a\\nb;+good=1 PRIVMSG #new :what is not clean is left out
        ada> @+draft/reply=01010101-9 PRIVMSG #new :{long} and more
        old> @+draft/reply=1 PRIVMSG #new :whoever did not ask for tags has none
        ada> @{many} PRIVMSG #new :too many
        tex> @ada who sees no tags
        bob>
        ada> @+late=1 PRIVMSG #new :after all
        bob> CAP REQ :server-time message-tags batch draft/chathistory
        bob> NICK bob
        bob> USER b 0 * :Bob
        bob> CAP END
        bob> JOIN #new
        bob> CHATHISTORY LATEST #new * 10
        tex> /history new
        ",
        many = vec!["+a"; 65].join(";"),
    ));
    let lines: Vec<&str> = transcript.lines().filter_map(|line| line.trim().strip_prefix("bob < ")).collect();
    let (live, replayed): (Vec<&str>, Vec<&str>) = lines.iter().partition(|line| !line.contains(";batch="));
    assert_eq!(replayed.len(), 7, "six messages, one of them in two lines");
    for line in replayed.iter().filter(|line| !line.contains("after all")) {
        let (tags, rest) = line.split_once(";batch=").unwrap();
        let told = format!("{tags} {}", rest.split_once(' ').unwrap().1);
        assert!(live.contains(&&*told), "read back as it was told: {told}");
    }
    insta::assert_snapshot!(after_the_opening(&transcript));
}

#[test]
fn whoever_watches_a_nick_is_told_of_it_without_sharing_a_room() {
    insta::assert_snapshot!(converse(
        "
        ada> NICK ada
        ada> USER a 0 * :Ada
        ada> MONITOR + ada,bob,BOB,no!body,eve
        ada> MONITOR L
        bob> NICK Bob
        bob> USER b 0 * :Bob
        bob> NICK robert
        ada> MONITOR + Robert
        ada> MONITOR - ada
        ada> MONITOR S
        bob> NICK eve
        bob> QUIT
        ada> MONITOR C
        ada> MONITOR L
        ada> MONITOR
        eve> NICK eve
        eve> USER e 0 * :Eve
        ada> PING end
    "
    ));
}

#[test]
fn so_many_are_watched_and_no_more() {
    let names = |numbers: std::ops::Range<u32>| numbers.map(|i| format!("n{i}")).collect::<Vec<_>>().join(",");
    let script = format!(
        "ada> NICK ada\nada> USER a 0 * :Ada\nada> MONITOR + {}\nada> MONITOR + {}\nada> MONITOR + n1,n200",
        names(0..60),
        names(60..103)
    );
    let transcript = converse(&script);
    let refused: Vec<&str> = transcript.lines().filter(|line| line.contains(" 734 ")).collect();
    assert_eq!(
        refused,
        [
            "    ada < :irc.causerie 734 ada 100 n100,n101,n102 :the list is full",
            "    ada < :irc.causerie 734 ada 100 n200 :the list is full",
        ]
    );
}

/// What is said once everybody is in.
pub(crate) fn after_the_opening(transcript: &str) -> &str {
    transcript.split_once("> PING begin\n").unwrap().1
}

#[test]
fn operators_are_told_of_invitations_and_authors_of_absences() {
    insta::assert_snapshot!(after_the_opening(&converse(
        "
        ada> CAP REQ :invite-notify
        ada> NICK ada
        ada> USER a 0 * :Ada
        ada> CAP END
        ada> JOIN #new
        bob> CAP REQ :invite-notify labeled-response batch echo-message
        bob> NICK bob
        bob> USER b 0 * :Bob
        bob> CAP END
        bob> JOIN #new
        eve> NICK eve
        eve> USER e 0 * :Eve
        eve> PING begin
        ada> MODE #new +i
        ada> INVITE eve #new
        ada> MODE #new +o bob
        ada> INVITE eve #new
        eve> AWAY :out for lunch
        ada> PRIVMSG eve :are you there?
        bob> @label=7 PRIVMSG eve :and for me?
        bob> NOTICE eve :a notice is not answered
        ada> WHOIS eve
        eve> AWAY
        ada> PRIVMSG eve :and now?
    "
    )));
}

#[test]
fn who_was_called_what_is_remembered() {
    insta::assert_snapshot!(after_the_opening(&converse(
        "
        ada> NICK ada
        ada> USER a 0 * :Ada
        bob> NICK Bob
        bob> USER b 0 * :Robert
        ada> PING begin
        ada> WHOWAS bob
        bob> NICK rob
        bob> SETNAME :Rob himself
        bob> NICK bob
        bob>
        ada> WHOWAS BOB
        ada> WHOWAS bob 1
        ada> WHOWAS rob
        ada> WHOWAS no!body
        ada> WHOWAS
    "
    )));
}

#[test]
fn what_was_missed_comes_in_batches() {
    let transcript = converse(
        "
        ada> CAP REQ :sasl server-time batch message-tags echo-message
        ada> NICK ada
        ada> USER a 0 * :Ada
        ada> AUTHENTICATE PLAIN
        ada> AUTHENTICATE AGFkYQBzZWNyZXQ=
        ada> CAP END
        ada> JOIN #lobby
        tex> tex
        ada>
        tex> while you were out
        tex> and again
        tex> @ada for you alone
        tex> and once more
        ada> CAP REQ :sasl server-time batch message-tags echo-message
        ada> NICK ada
        ada> USER a 0 * :Ada
        ada> AUTHENTICATE PLAIN
        ada> AUTHENTICATE AGFkYQBzZWNyZXQ=
        ada> CAP END
        tex> welcome back
        ada> PING end
    ",
    );
    let (_, returned) = transcript.rsplit_once("ada> CAP END").unwrap();
    let (_, shown) = returned.split_once("end of the message of the day").unwrap();
    insta::assert_snapshot!(shown);
}

#[test]
fn signs_reach_those_who_know_them_and_are_kept_nowhere() {
    insta::assert_snapshot!(after_the_opening(&converse(
        "
        ada> CAP REQ :message-tags
        ada> NICK ada
        ada> USER a 0 * :Ada
        ada> CAP END
        ada> JOIN #new
        eko> CAP REQ :message-tags echo-message labeled-response batch
        eko> NICK eko
        eko> USER e 0 * :Echo
        eko> CAP END
        eko> JOIN #new
        old> NICK old
        old> USER o 0 * :Old
        old> JOIN #new
        out> CAP REQ :message-tags
        out> NICK out
        out> USER o 0 * :Out
        out> CAP END
        out> PING begin
        ada> @+typing=active TAGMSG #new
        eko> @label=3;+typing=done;+draft/react=a\\s\\:b TAGMSG #new,out,old,nobody,#no
        out> @+typing=active TAGMSG #new
        old> @+typing=active TAGMSG #new
        ada> @typing=active TAGMSG #new
        ada> @+typing=active TAGMSG
        ada> @+typing=active PRIVMSG #new :and words with it
        ada> MODE #new +m
        eko> @+typing=active TAGMSG #new
    "
    )));
}
