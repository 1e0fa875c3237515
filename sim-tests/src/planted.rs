//! Planted bugs: deliberate ones, each of which a check must catch. They prove that the checks bite.
//!
//! A bug is one line or a few in `core` or `net`, behind `planted!("name")`, and a file of this folder's, which says what it
//! is, who must catch it and how soon. All are in one build, made with `--cfg causerie_planted`; [`select`] chooses one for
//! the whole process. [`hunt`] looks for its traces from seed 0 on, so what it finds is the same every time.

pub mod command;
pub mod hunt;

use crate::checks::{PROMISES, Promise};
use crate::plan::{Plan, World};
use crate::swarm;

/// A planted bug.
#[derive(Clone, Copy, Debug)]
pub struct Bug {
    /// As in `planted!("name")`, and the name of its file.
    pub name: &'static str,
    /// What goes wrong, in a line.
    pub breaks: &'static str,
    /// The promises it breaks: the checks of these alone judge the runs, and one of them must catch it.
    pub promises: &'static [&'static str],
    /// In at most so many runs.
    pub runs: u64,
    /// The plan of a seed: [`swarm::plan`], unless what it takes would be too rare.
    pub plan: fn(u64) -> Plan,
}

impl Bug {
    /// Found by plans like any other, in the pure world.
    const USUAL: Self = Self { name: "", breaks: "", promises: &[], runs: 5_000, plan: swarm::plan };
    /// Found in the tcp world: it is in `net`.
    const OVER_TCP: Self = Self { runs: 100, plan: |seed| swarm::plan_for(seed, World::Tcp), ..Self::USUAL };

    /// Where it is hunted.
    #[must_use]
    pub fn world(&self) -> World {
        (self.plan)(0).world
    }

    /// The checks that must catch it.
    #[must_use]
    pub fn checks(&self) -> Vec<Promise> {
        PROMISES.iter().filter(|promise| self.promises.contains(&promise.name)).copied().collect()
    }
}

/// Whether this program holds the bugs.
pub const PLANTED: bool = cfg!(causerie_planted);

/// Selects a bug for everything that happens in this process from here on; none of them, if there is none.
pub fn select(bug: Option<&Bug>) {
    #[cfg(causerie_planted)]
    causerie_core::planted::select(bug.map(|bug| bug.name));
    #[cfg(not(causerie_planted))]
    assert!(bug.is_none(), "this program was built without the planted bugs");
}

/// All of them.
pub const ALL: &[Bug] = &[
    bugs::fold_forgets_numbers::BUG,
    bugs::time_goes_back::BUG,
    bugs::nick_moved_unnoticed::BUG,
    bugs::snapshot_forgets_numbers::BUG,
    bugs::snapshot_amid_a_record::BUG,
    bugs::two_of_one_nick::BUG,
    bugs::refusal_not_remembered::BUG,
    bugs::number_answers_for_another::BUG,
    bugs::key_left_out::BUG,
    bugs::stale_departure::BUG,
    bugs::roster_keeps_the_departed::BUG,
    bugs::guest_stays_a_member::BUG,
    bugs::shown_before_durable::BUG,
    bugs::put_out_reads_on::BUG,
    bugs::everybody_has_a_voice::BUG,
    bugs::everybody_operates::BUG,
    bugs::start_detaches_nobody::BUG,
    bugs::private_word_to_the_room::BUG,
    bugs::acceptance_of_a_refusal::BUG,
    bugs::void_not_logged::BUG,
    bugs::pong_overtakes::BUG,
    bugs::answers_without_limit::BUG,
    bugs::lane_without_limit::BUG,
    bugs::sessions_without_limit::BUG,
    bugs::resume_skips_one::BUG,
    bugs::cursor_lags_by_one::BUG,
    bugs::taken_over_stays::BUG,
    bugs::taken_over_comes_back::BUG,
    bugs::no_grace::BUG,
    bugs::endless_grace::BUG,
    bugs::guest_never_departs::BUG,
    bugs::server_waits_for_ever::BUG,
    bugs::client_waits_for_ever::BUG,
    bugs::outbox_not_sent_again::BUG,
    bugs::outbox_from_its_end::BUG,
    bugs::outbox_not_remembered::BUG,
    bugs::numbers_begin_anew::BUG,
    bugs::bidi_let_through::BUG,
    bugs::escapes_let_through::BUG,
    bugs::a_read_is_a_line::BUG,
    bugs::at_sign_unheeded::BUG,
    bugs::echo_to_the_sender::BUG,
    bugs::one_entry_by_two_rooms::BUG,
    bugs::lane_not_read_back::BUG,
    bugs::window_closed_at_once::BUG,
    bugs::sleeper_not_woken::BUG,
    bugs::rest_forgotten::BUG,
    bugs::eviction_unnoticed::BUG,
    bugs::page_of_every_room::BUG,
    bugs::seal_forgotten::BUG,
    bugs::resume_without_private_words::BUG,
    bugs::resume_by_todays_rooms::BUG,
    bugs::view_hides_the_room::BUG,
    bugs::missed_from_the_head::BUG,
    bugs::taken_over_unnoted::BUG,
    bugs::rooms_not_told::BUG,
    bugs::half_an_entry_is_had::BUG,
    bugs::ping_waits_its_turn::BUG,
    bugs::label_given_once::BUG,
    bugs::page_without_own_words::BUG,
    bugs::watchers_miss_departures::BUG,
    bugs::commit_without_sync::BUG,
    bugs::failed_commit_told_as_done::BUG,
    bugs::history_not_mended::BUG,
    bugs::long_read_cut_short::BUG,
    bugs::short_write_taken_for_whole::BUG,
    bugs::order_wakes_nobody::BUG,
    bugs::client_writes_once::BUG,
];

#[path = "../planted"]
mod bugs {

    pub(super) mod a_read_is_a_line;
    pub(super) mod acceptance_of_a_refusal;
    pub(super) mod answers_without_limit;
    pub(super) mod at_sign_unheeded;
    pub(super) mod bidi_let_through;
    pub(super) mod client_waits_for_ever;
    pub(super) mod client_writes_once;
    pub(super) mod commit_without_sync;
    pub(super) mod cursor_lags_by_one;
    pub(super) mod echo_to_the_sender;
    pub(super) mod endless_grace;
    pub(super) mod escapes_let_through;
    pub(super) mod everybody_has_a_voice;
    pub(super) mod everybody_operates;
    pub(super) mod eviction_unnoticed;
    pub(super) mod failed_commit_told_as_done;
    pub(super) mod fold_forgets_numbers;
    pub(super) mod guest_never_departs;
    pub(super) mod guest_stays_a_member;
    pub(super) mod half_an_entry_is_had;
    pub(super) mod history_not_mended;
    pub(super) mod key_left_out;
    pub(super) mod label_given_once;
    pub(super) mod lane_not_read_back;
    pub(super) mod lane_without_limit;
    pub(super) mod long_read_cut_short;
    pub(super) mod missed_from_the_head;
    pub(super) mod nick_moved_unnoticed;
    pub(super) mod no_grace;
    pub(super) mod number_answers_for_another;
    pub(super) mod numbers_begin_anew;
    pub(super) mod one_entry_by_two_rooms;
    pub(super) mod order_wakes_nobody;
    pub(super) mod outbox_from_its_end;
    pub(super) mod outbox_not_remembered;
    pub(super) mod outbox_not_sent_again;
    pub(super) mod page_of_every_room;
    pub(super) mod page_without_own_words;
    pub(super) mod ping_waits_its_turn;
    pub(super) mod pong_overtakes;
    pub(super) mod private_word_to_the_room;
    pub(super) mod put_out_reads_on;
    pub(super) mod refusal_not_remembered;
    pub(super) mod rest_forgotten;
    pub(super) mod resume_by_todays_rooms;
    pub(super) mod resume_skips_one;
    pub(super) mod resume_without_private_words;
    pub(super) mod rooms_not_told;
    pub(super) mod roster_keeps_the_departed;
    pub(super) mod seal_forgotten;
    pub(super) mod server_waits_for_ever;
    pub(super) mod sessions_without_limit;
    pub(super) mod short_write_taken_for_whole;
    pub(super) mod shown_before_durable;
    pub(super) mod sleeper_not_woken;
    pub(super) mod snapshot_amid_a_record;
    pub(super) mod snapshot_forgets_numbers;
    pub(super) mod stale_departure;
    pub(super) mod start_detaches_nobody;
    pub(super) mod taken_over_comes_back;
    pub(super) mod taken_over_stays;
    pub(super) mod taken_over_unnoted;
    pub(super) mod time_goes_back;
    pub(super) mod two_of_one_nick;
    pub(super) mod view_hides_the_room;
    pub(super) mod void_not_logged;
    pub(super) mod watchers_miss_departures;
    pub(super) mod window_closed_at_once;
}
