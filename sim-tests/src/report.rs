//! The picture of a run: a space-time diagram, in SVG for people and slides, in characters for terminals.
//!
//! The middle column is the room's log read downwards; each client's outer margin is that client's own transcript read
//! downwards. [`model`] says what is to be drawn, [`causal`] what followed from what, [`layout`] where it stands, [`svg`] and
//! [`text`] draw it, a page around it tells the rest. The same plan gives the same bytes.

mod bundle;
pub mod causal;
mod fate;
pub mod files;
pub mod layout;
pub mod measure;
pub mod model;
mod page;
pub mod palette;
pub mod shiviz;
mod story;
pub mod svg;
pub mod text;
pub mod transcripts;

pub use self::fate::{Fate, Jump};
pub use self::page::page_of;

use crate::plan::Plan;
use crate::run::Run;

/// What a run is called in its picture.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Name {
    /// What it is about, if it passed: one line.
    pub about: String,
    /// What it was made of, to begin the line under the title: `seed 0x1d4`.
    pub origin: String,
    /// The command that shows it again.
    pub command: String,
}

/// A run as a picture in SVG.
#[must_use]
pub fn svg_of(plan: &Plan, run: &Run, name: &Name, fate: Option<&Fate>) -> String {
    svg::write(&scene_of(plan, run, name, fate))
}

/// A run as a diagram for terminals.
#[must_use]
pub fn text_of(plan: &Plan, run: &Run, name: &Name, fate: Option<&Fate>) -> String {
    text::write(&model_of(plan, run, name), fate)
}

/// Where everything of a run's picture stands.
#[must_use]
pub fn scene_of(plan: &Plan, run: &Run, name: &Name, fate: Option<&Fate>) -> layout::Scene {
    layout::lay_out(model_of(plan, run, name), fate)
}

/// As much of a run as fits on a page.
fn model_of(plan: &Plan, run: &Run, name: &Name) -> model::Model {
    causal::small_enough(model::Model::new(plan, run, name))
}
