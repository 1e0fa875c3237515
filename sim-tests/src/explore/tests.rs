//! The walk in worlds small enough for every `cargo test`.

use super::*;
use crate::checks::{Case, PROMISES};

const SMALL: Bounds = Bounds { messages: [1, 0], crashes: 1, cuts: 0, late: false, deadlines: 0, reduced: true };

fn walk(bounds: Bounds) -> Explored {
    let explored = explore(&bounds, PROMISES, |_| ());
    assert!(explored.broken.is_none(), "{:#?}", explored.broken);
    explored
}

#[test]
fn no_state_of_a_small_world_breaks_a_promise() {
    for bounds in
        [Bounds { messages: [2, 1], crashes: 0, ..SMALL }, SMALL, Bounds { crashes: 0, cuts: 1, late: true, ..SMALL }]
    {
        let explored = walk(bounds);
        assert!(explored.settled > 0, "{bounds:?} settles somewhere");
    }
}

#[test]
fn the_orders_left_out_end_in_nothing_else() {
    for bounds in [
        Bounds { messages: [1, 1], crashes: 0, ..SMALL },
        Bounds { messages: [0, 0], ..SMALL },
        Bounds { messages: [1, 0], crashes: 0, cuts: 1, ..SMALL },
        Bounds { messages: [0, 0], crashes: 0, deadlines: 1, ..SMALL },
    ] {
        let (some, all) = (walk(bounds), walk(Bounds { reduced: false, ..bounds }));
        assert!(some.states < all.states, "{bounds:?}: {} states of {}", some.states, all.states);
        assert!(some.ends == all.ends, "{bounds:?}: {} ends of {}", some.ends.len(), all.ends.len());
    }
}

#[test]
fn the_same_bounds_give_the_same_walk() {
    let count = |explored: Explored| (explored.states, explored.transitions, explored.depth, explored.ends);
    let bounds = Bounds { crashes: 0, cuts: 1, ..SMALL };
    assert_eq!(count(walk(bounds)), count(walk(bounds)));
}

#[test]
fn a_promise_that_is_not_kept_comes_with_a_shortest_way_to_where_it_is_broken() {
    let silence = |case: &Case<'_>| {
        let heard = case.lives().find(|(_, _, sights)| sights.iter().any(|sight| sight.own));
        heard.map_or(Ok(()), |(_, life, _)| Err(format!("{} has an answer", life.name).into()))
    };
    let promises = [Promise { name: "silence", judge: silence }];
    let explored = explore(&Bounds { messages: [1, 1], cuts: 1, ..SMALL }, &promises, |_| ());
    let (broken, way) = explored.broken.expect("everybody is answered some day");
    assert_eq!((broken.promise, &*broken.evidence), ("silence", "ada has an answer"));
    let kinds: Vec<&str> = way.iter().map(|event| event.split([':', '{']).next().unwrap_or_default()).collect();
    assert_eq!(
        kinds,
        [
            "ada connects and says hello",
            "server hears on ada's connection 1",
            "log stores [Genesis ",
            "log stores [Attach ",
            "ada asks",
            "client hears on ada's connection 1",
            "server hears on ada's connection 1",
            "log stores [Ask ",
            "client hears on ada's connection 1",
        ]
    );
}
