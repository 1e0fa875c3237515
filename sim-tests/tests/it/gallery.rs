//! The gallery shows what is drawn today, and says of each picture what it teaches.

use std::collections::BTreeSet;
use std::fs;

use causerie_sim::checks::PROMISES;
use causerie_sim::gallery::{PICTURES, Picture, differing, folder};
use causerie_sim::run::run;

#[test]
fn the_gallery_is_as_drawn_today() {
    assert_eq!(differing().unwrap(), Vec::<&str>::new(), "`cargo sim gallery` draws them anew; look at them");
}

/// The pictures of planted bugs are compared by `cargo sim planted`: here the bugs are not.
#[test]
fn without_its_bug_a_planted_run_keeps_every_promise() {
    for picture in PICTURES.iter().filter(|picture| matches!(picture, Picture::Planted(_))) {
        let played = run(&picture.plan().unwrap(), PROMISES, false);
        assert_eq!(played.broken, None, "{}", picture.name());
        let drawn = fs::read_to_string(picture.path()).unwrap();
        assert!(drawn.contains("✕ FAIL"), "{} shows no failure", picture.name());
    }
}

#[test]
fn each_picture_is_told_of_and_nothing_else_is_kept() {
    let told = fs::read_to_string(folder().join("README.md")).unwrap();
    let mut files: BTreeSet<String> = BTreeSet::from(["README.md".to_owned()]);
    for picture in PICTURES {
        assert!(told.contains(&format!("]({}.svg)", picture.name())), "{} is not told of", picture.name());
        files.insert(format!("{}.svg", picture.name()));
        if matches!(picture, Picture::Planted(_)) {
            files.insert(format!("{}.json", picture.name()));
        }
    }
    let kept: BTreeSet<String> =
        fs::read_dir(folder()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(kept, files);
}
