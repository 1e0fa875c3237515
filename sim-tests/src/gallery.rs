//! The gallery: pictures of real runs that differ in kind, kept under `docs/gallery/` and drawn anew by a test.
//!
//! Most are scenarios. Some are of a planted bug, in a plan of a few lines that shows it at its core: that is kept beside
//! the picture, and only the build that holds the bugs can draw it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::checks::{PROMISES, Promise};
use crate::plan::Plan;
use crate::planted::{self, Bug, PLANTED};
use crate::report::{Fate, Name, svg_of};
use crate::run::run;
use crate::scenario::Scenario;

/// A picture, called after what it shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Picture {
    /// A scenario's run.
    Scenario(&'static str),
    /// A small run in which a planted bug shows.
    Planted(&'static str),
}

/// All of them, in the order of the gallery.
pub const PICTURES: &[Picture] = &[
    Picture::Scenario("answer-lost"),
    Picture::Scenario("crash-before-durable"),
    Picture::Scenario("power-loss"),
    Picture::Scenario("taken-over"),
    Picture::Scenario("slow-reader"),
    Picture::Planted("numbers_begin_anew"),
    Picture::Planted("shown_before_durable"),
    Picture::Planted("resume_skips_one"),
    Picture::Planted("private_word_to_the_room"),
];

impl Picture {
    /// What it shows.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Scenario(name) | Self::Planted(name) => name,
        }
    }

    /// The file it is kept in.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        folder().join(format!("{}.svg", self.name()))
    }

    /// The file that a planted bug's plan is kept in.
    #[must_use]
    pub fn plan_path(&self) -> PathBuf {
        folder().join(format!("{}.json", self.name()))
    }

    /// Whether this program can draw it.
    #[must_use]
    pub const fn can_be_drawn(&self) -> bool {
        match self {
            Self::Scenario(_) => !PLANTED,
            Self::Planted(_) => PLANTED,
        }
    }

    /// Its plan.
    ///
    /// # Errors
    /// If there is none.
    pub fn plan(&self) -> io::Result<Plan> {
        let none = || io::Error::other(format!("there is no run of {}", self.name()));
        match self {
            Self::Scenario(name) => Scenario::named(name).and_then(|scenario| scenario.plan()).ok_or_else(none),
            Self::Planted(_) => Plan::from_json(&fs::read_to_string(self.plan_path())?)
                .map_err(|error| io::Error::other(error.to_string())),
        }
    }

    /// Draws it.
    ///
    /// # Errors
    /// If there is no such run.
    pub fn draw(&self) -> io::Result<String> {
        let plan = self.plan()?;
        let none = || io::Error::other(format!("there is no {}", self.name()));
        match self {
            Self::Scenario(name) => {
                let scenario = Scenario::named(name).ok_or_else(none)?;
                Ok(drawn(&plan, PROMISES, &scenario.called()))
            }
            Self::Planted(name) => {
                let bug = planted::ALL.iter().find(|bug| bug.name == *name).ok_or_else(none)?;
                planted::select(Some(bug));
                let picture = drawn(&plan, &bug.checks(), &called(bug));
                planted::select(None);
                Ok(picture)
            }
        }
    }
}

/// Where the gallery is.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/gallery")
}

/// What a planted bug's run is called.
#[must_use]
pub fn called(bug: &Bug) -> Name {
    let about = format!("The planted bug {} did not show", bug.name);
    let origin = format!("planted bug {}: {}", bug.name, bug.breaks);
    Name { about, origin, command: format!("cargo sim planted {0} --plan docs/gallery/{0}.json", bug.name) }
}

/// The pictures that this program can draw and that differ from those that are kept.
///
/// # Errors
/// If one cannot be drawn.
pub fn differing() -> io::Result<Vec<&'static str>> {
    let mut differing = Vec::new();
    for picture in PICTURES.iter().filter(|picture| picture.can_be_drawn()) {
        let kept = fs::read_to_string(picture.path()).unwrap_or_default();
        if picture.draw()? != kept {
            differing.push(picture.name());
        }
    }
    Ok(differing)
}

/// Draws all pictures anew that this program can draw.
///
/// # Errors
/// If one cannot be drawn or written.
pub fn renew() -> io::Result<()> {
    for picture in PICTURES.iter().filter(|picture| picture.can_be_drawn()) {
        fs::write(picture.path(), picture.draw()?)?;
    }
    Ok(())
}

fn drawn(plan: &Plan, promises: &[Promise], name: &Name) -> String {
    let run = run(plan, promises, true);
    let fate = Fate::of(plan, &run, promises);
    svg_of(plan, &run, name, fate.as_ref())
}
