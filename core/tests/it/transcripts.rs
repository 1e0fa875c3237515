//! Conversations, every screen side by side. The five lab systems first, then what no lab system has.

use causerie_core::limits::{FoldLimits, Limits};

use crate::world::{play, play_with};

#[test]
fn s0_a_message_goes_to_everyone_but_its_author_and_the_console_shows_all() {
    insta::assert_snapshot!(play(
        "
        client1 arrives
        client2 arrives
        client2: Hey am client2
        client1: hello
    "
    ));
}

#[test]
fn s1_whoever_is_lost_is_removed_and_the_others_carry_on() {
    insta::assert_snapshot!(play(
        "
        ada arrives
        bob arrives
        cleo arrives
        bob is cut
        ada: still there?
        cleo: yes
    "
    ));
}

#[test]
fn s2_newcomers_are_welcomed_and_who_talks_alone_is_told() {
    insta::assert_snapshot!(play(
        "
        tugay connects
        700 ms pass
        tugay: tugay
        tugay: aa
        hasan arrives
        hasan: merhaba
        tugay: merhaba hasan
        hasan: exit
        tugay: bb
    "
    ));
}

#[test]
fn s3_one_to_one_one_to_many_and_to_all_in_one_order() {
    insta::assert_snapshot!(play(
        "
        parul arrives
        rishu arrives
        vikash arrives by client
        parul: @rishu:helloooo
        rishu: @parul @vikash:hey guys wats up
        vikash: hello all
        vikash: @nobody @rishu: are you there?
        rishu: @nobody hi
        rishu: @rishu note to self
    "
    ));
}

#[test]
fn s4_who_joined_and_who_left_is_broadcast_and_there_are_rooms_and_commands() {
    insta::assert_snapshot!(play(
        "
        ada arrives
        bob arrives
        ada: /join bench4
        ada: anyone at the bench?
        bob: /rooms
        bob: /join bench4
        bob: here
        ada: /nick countess
        bob: /who
        bob: /leave
        ada: gone?
        bob: back in the lobby
        ada: /frob
        bob: /quit
    "
    ));
}

#[test]
fn a_client_that_was_cut_reads_on_and_nobody_noticed_within_the_grace_period() {
    insta::assert_snapshot!(play(
        "
        ada arrives by client
        bob arrives
        ada is cut
        bob: while you were out
        ada: typed while offline
        3 s pass
        ada is back
        3 s pass
    "
    ));
}

#[test]
fn a_client_that_stays_away_departs_once_and_gets_private_words_on_return() {
    insta::assert_snapshot!(play(
        "
        ada arrives by client
        bob arrives
        ada is cut
        11 s pass
        bob: said in the lobby
        bob: @ada for you alone
        ada is back
        11 s pass
    "
    ));
}

#[test]
fn a_server_that_is_killed_comes_back_with_all_it_accepted() {
    insta::assert_snapshot!(play(
        "
        ada arrives by client
        bob arrives by client
        ada: one
        log holds
        bob: two, not durable when the server dies
        server is killed
        log goes on
        ada: three, typed while the server is down
        server is started
        12 s pass
        bob: four
    "
    ));
}

#[test]
fn a_guest_who_returns_to_a_restarted_server_finds_no_ghost_under_their_name() {
    insta::assert_snapshot!(play(
        "
        ada arrives by client
        bob arrives
        server is killed
        log holds
        server is started
        bob arrives
        log goes on
        bob: it is me
        1 s pass
        log holds
        bob arrives
        server is killed
        server is started
        server is killed
        server is started
        bob arrives
        log goes on
        bob: and again, after two starts
        1 s pass
    "
    ));
}

#[test]
fn places_are_kept_for_those_who_come_back_to_a_restarted_server() {
    let limits = Limits { sessions_max: 2, ..Limits::default() };
    insta::assert_snapshot!(play_with(
        limits,
        "
        ada arrives by client
        bob arrives by client
        ada is cut
        bob is cut
        server is killed
        log holds
        server is started
        cleo arrives
        bob is back
        log goes on
        ada is back
        3 s pass
        bob: both are here
    "
    ));
}

#[test]
fn whoever_is_in_more_rooms_than_are_kept_in_mind_reads_on_from_history() {
    let limits = Limits { windows_max: 2, ..Limits::default() };
    insta::assert_snapshot!(play_with(
        limits,
        "
        ada arrives by client
        bob arrives
        bob: /join one
        bob: /join two
        bob: /join three
        ada: @bob for you alone
        ada: /join three
        ada: /leave three
        ada: and for all
    "
    ));
}

#[test]
fn a_client_that_is_killed_loses_and_doubles_nothing() {
    insta::assert_snapshot!(play(
        "
        ada arrives by client
        bob arrives
        log holds
        ada: on its way when the client dies
        ada is killed
        log goes on
        bob: said meanwhile
        ada is started
        1 s pass
        ada: and on
    "
    ));
}

#[test]
fn a_second_connection_with_the_same_key_takes_over() {
    insta::assert_snapshot!(play(
        "
        ada arrives by client
        bob arrives
        log holds
        ada is killed
        ada is started
        bob: hello
        log goes on
        ada: still me
    "
    ));
}

#[test]
fn a_guest_whose_name_is_taken_is_asked_again() {
    insta::assert_snapshot!(play(
        "
        ada arrives
        mallory connects
        mallory: АDA
        mallory: 
        mallory: a b
        mallory: mallory
    "
    ));
}

#[test]
fn what_is_not_clean_is_not_sent_and_says_why() {
    insta::assert_snapshot!(play(
        "
        ada arrives
        bob arrives
        ada: red \u{1b}[31m alert
        ada: \u{202e}gnp.exe
        ada: tab\there
        ada: fine
    "
    ));
}

#[test]
fn a_full_server_says_so() {
    let limits = Limits { sessions_max: 2, ..Limits::default() };
    insta::assert_snapshot!(play_with(
        limits,
        "
        ada arrives
        bob arrives by client
        cleo arrives
        dan arrives by client
        bob is cut
        eve arrives
        bob is back
        1 s pass
        bob: my place was kept
    "
    ));
}

#[test]
fn history_is_paged_backwards() {
    let talk: String = (1..=45).map(|i| format!("ada: line {i}\n100 ms pass\n")).collect();
    let shown =
        play(&format!("ada arrives\n{talk}bob arrives\nbob: /history\nbob: /history #lobby 27\nbob: /history attic"));
    let (_, tail) = shown.split_once("bob arrives").unwrap();
    insta::assert_snapshot!(tail);
}

#[test]
fn a_reader_that_stops_reading_misses_nothing_and_slows_nobody() {
    let limits = Limits { ring_bytes_max: 600, lane_bytes_max: 200, page_bytes_max: 400, ..Limits::unlimited() };
    let talk: String = (1..=12).map(|i| format!("ada: line {i}\nada: @bob private {i}\n")).collect();
    let shown = play_with(
        limits,
        &format!(
            "
        ada arrives by client
        bob arrives by client
        bob stops reading
        {talk}
        bob reads on
        ada: last
    "
        ),
    );
    let (_, tail) = shown.split_once("bob reads on").unwrap();
    insta::assert_snapshot!(tail);
}

#[test]
fn a_server_that_stops_tells_everyone_and_its_clients_come_back() {
    insta::assert_snapshot!(play(
        "
        ada arrives by client
        bob arrives
        server stops
        server is killed
        server is started
        2 s pass
        ada: good morning
    "
    ));
}

#[test]
fn when_the_disk_fails_everyone_is_told_and_nothing_is_accepted() {
    insta::assert_snapshot!(play(
        "
        ada arrives by client
        bob arrives
        ada: stored
        log fails
        bob: not stored
        ada: not stored either
        bob: /history
        server is killed
        server is started
        2 s pass
    "
    ));
}

#[test]
fn a_name_that_was_taken_while_its_holder_was_away_is_not_given_back() {
    insta::assert_snapshot!(play(
        "
        ada arrives by client
        bob arrives by client
        ada is cut
        11 s pass
        bob: /nick Ada
        ada is back
        11 s pass
        bob: @ada2 sorry
    "
    ));
}

#[test]
fn what_was_said_between_leaving_and_rejoining_is_only_in_paged_history() {
    insta::assert_snapshot!(play(
        "
        ada arrives by client
        bob arrives
        bob: /join x
        ada: /join x
        bob: one
        ada: /leave x
        bob: two, ada is not here
        ada: /join x
        bob: three
        ada: /history #x
    "
    ));
}

#[test]
fn a_peer_that_says_nothing_more_is_answered_first() {
    insta::assert_snapshot!(play(
        "
        ada arrives
        bob connects
        bob: bob
        bob: hi
        bob: /who
        bob hangs up
    "
    ));
}

#[test]
fn a_fast_talker_is_read_more_slowly_and_loses_nothing() {
    let limits = Limits { burst_requests: 2, request_interval_us: 1_000_000, ..Limits::default() };
    insta::assert_snapshot!(play_with(
        limits,
        "
        ada arrives
        bob arrives
        ada: one
        ada: two
        ada: three
        ada: four
        bob: I am not slowed
        1 s pass
        1 s pass
    "
    ));
}

#[test]
fn a_connection_that_carries_nothing_any_more_is_noticed_by_both_sides() {
    insta::assert_snapshot!(play(
        "
        ada arrives by client
        bob arrives
        ada goes dark
        bob: can you hear me?
        ada: into the void
        14 s pass
        3 s pass
        10 s pass
    "
    ));
}

#[test]
fn whoever_does_not_say_who_they_are_is_asked_and_then_let_go() {
    insta::assert_snapshot!(play(
        "
        mute connects
        699 ms pass
        1 ms pass
        59 s pass
        1 s pass
    "
    ));
}

#[test]
fn another_log_is_begun_anew_and_what_was_not_answered_is_asked_again() {
    insta::assert_snapshot!(play(
        "
        ada arrives by client
        ada: one
        server is wiped
        ada: asked while there was no server
        server is started
        10 s pass
        ada: and on
    "
    ));
}

#[test]
fn an_older_copy_of_the_log_is_an_error_and_never_silence() {
    insta::assert_snapshot!(play(
        "
        ada arrives by client
        ada: one
        ada: two
        server is set back to 3 records
        server is started
        10 s pass
    "
    ));
}

#[test]
fn a_log_that_lags_is_asked_again_and_nothing_is_doubled() {
    insta::assert_snapshot!(play(
        "
        ada arrives by client
        bob arrives
        log holds
        ada: slow
        bob: slow too
        12 s pass
        log goes on
    "
    ));
}

#[test]
fn everything_that_can_be_typed() {
    insta::assert_snapshot!(play(
        "
        ada arrives
        bob arrives by client
        ada: /help
        ada: /me waves
        ada: //slash
        ada: /join
        ada: @bob
        ada: /msg bob as elsewhere
        bob: /me waves back
        bob: @ada: in private
        ada: /who
        ada: {quit}
    "
    ));
}

#[test]
fn people_of_other_tongues_are_told_what_is_served_here() {
    insta::assert_snapshot!(play(
        "
        browser connects
        browser: GET / HTTP/1.1
        robot connects
        robot: {\"type\":\"say\"
    "
    ));
}

#[test]
fn whoever_waits_for_a_log_that_is_lost_waits_no_longer() {
    insta::assert_snapshot!(play(
        "
        ada arrives
        log holds
        ada: never decided
        ada: /who
        ada hangs up
        log fails
    "
    ));
}

#[test]
fn last_words_reach_a_reader_whose_ring_moved_on_while_it_was_closing() {
    let limits = Limits { ring_bytes_max: 300, ..Limits::unlimited() };
    let talk: String = (1..=12).map(|i| format!("ada: line {i}\n")).collect();
    let script = format!("ada arrives\nbob arrives\nbob stops reading\nada: one\nbob: exit\n{talk}bob reads on");
    let shown = play_with(limits, &script);
    let (_, tail) = shown.split_once("bob reads on").unwrap();
    insta::assert_snapshot!(tail);
}

#[test]
fn a_newcomer_may_whisper_at_once_and_even_before_arriving() {
    insta::assert_snapshot!(play(
        "
        bob arrives
        ada arrives by client
        ada: @bob psst
        server is killed
        cleo arrives by client
        cleo: @ada typed before the first welcome
        server is started
        2 s pass
    "
    ));
}

#[test]
fn somebody_forgotten_comes_back_as_somebody_new_and_is_told_what_is_not_known() {
    let fold = FoldLimits { clients_max: 2, ..FoldLimits::default() };
    let limits = Limits { fold, ..Limits::default() };
    insta::assert_snapshot!(play_with(
        limits,
        "
        ada arrives by client
        log holds
        ada: on its way
        ada is cut
        ada: never sent
        log goes on
        11 s pass
        bob arrives by client
        cleo arrives by client
        bob: /quit
        ada is back
        11 s pass
    "
    ));
}

#[test]
fn one_can_be_in_so_many_rooms_and_there_can_be_so_many() {
    let fold = FoldLimits { rooms_max: 3, rooms_per_person_max: 2, ..FoldLimits::default() };
    let limits = Limits { fold, ..Limits::default() };
    insta::assert_snapshot!(play_with(
        limits,
        "
        ada arrives
        bob arrives
        ada: /join a
        ada: /join b
        bob: /leave
        bob: /join b
        bob: /join c
        ada: /join a
        ada: /leave c
    "
    ));
}

#[test]
fn whoever_rejoined_a_room_and_was_cut_still_reads_what_stood_before() {
    insta::assert_snapshot!(play(
        "
        ada arrives by client
        bob arrives
        ada stops reading
        bob: one
        bob: two
        ada: /leave lobby
        ada: /join lobby
        ada is cut
        ada reads on
        ada is back
        1 s pass
    "
    ));
}

#[test]
fn a_client_stays_and_waits_while_nothing_is_stored() {
    insta::assert_snapshot!(play(
        "
        ada arrives by client
        log holds
        cleo arrives
        log fails
        ada: one
        ada: two
        ada: three
        dan arrives by client
        ada: /history
        server is killed
        log goes on
        server is started
        10 s pass
    "
    ));
}

#[test]
fn a_name_that_was_let_go_of_again_is_given_back() {
    insta::assert_snapshot!(play(
        "
        ada arrives by client
        ada is cut
        11 s pass
        bob arrives
        bob: /nick ada
        bob: /nick bob
        ada is back
        11 s pass
    "
    ));
}

#[test]
fn private_words_refused_because_a_name_moved_go_when_said_again() {
    insta::assert_snapshot!(play(
        "
        ada arrives by client
        ada: /leave lobby
        bob arrives
        ada: @bob hi
        ada: @bob hi
    "
    ));
}

#[test]
fn the_last_line_counts_even_if_it_was_not_ended() {
    insta::assert_snapshot!(play(
        "
        ada arrives
        bob connects
        bob: bob
        bob types: and off
        bob hangs up
    "
    ));
}

#[test]
fn a_client_that_is_late_is_not_confused_by_the_greeting() {
    insta::assert_snapshot!(play(
        "
        slow connects
        700 ms pass
        slow: {\"type\":\"hello\",\"version\":1,\"key\":\"000102030405060708090a0b0c0d0e0f\",\"nick\":\"slow\"}
        slow: {\"type\":\"quit\"}
    "
    ));
}

#[test]
fn a_guest_that_asks_and_does_not_read_is_answered_no_more_than_there_is_room_for() {
    let mut world = crate::world::World::new(Limits::unlimited());
    world.step("ada arrives");
    let text = "x".repeat(1_000);
    (0..40).for_each(|_| world.step(&format!("ada: {text}")));
    world.step("bob arrives");
    world.step("bob stops reading");
    world.step(&format!("bob: {}", "/history\n".repeat(2_000)));
    assert!(world.unsent("bob") < 200 * 1_024, "{} bytes wait for bob", world.unsent("bob"));
    world.step("bob reads on");
    world.step("60 s pass");
    let pages = world.read("bob").iter().filter(|line| line.starts_with("* further back")).count();
    assert_eq!(pages, 2_000, "every question is answered in the end");
}

#[test]
fn lines_that_arrive_at_once_are_all_said_in_order() {
    let mut world = crate::world::World::new(Limits::unlimited());
    world.step("ada arrives");
    world.step("bob arrives");
    let lines: Vec<String> = (1..=500).map(|i| format!("line {i}")).collect();
    world.read("bob");
    world.step(&format!("ada: {}", lines.join("\n")));
    let heard: Vec<String> = world.read("bob").iter().map(|line| line.replace("09:41 ada: ", "")).collect();
    assert_eq!(heard, lines);
}

#[test]
fn a_page_that_cannot_be_read_is_said_and_ends_only_who_depends_on_it() {
    insta::assert_snapshot!(play(
        "
        ada arrives by client
        bob arrives
        ada is cut
        bob: said meanwhile
        history breaks
        bob: /history
        bob: and on
        ada is back
        10 s pass
    "
    ));
}
