//! The same diagram for terminals.

use super::model::Model;

/// The diagram, at most 120 columns wide.
#[must_use]
pub fn write(model: &Model) -> String {
    model.title.clone()
}
