//! A train goes through a tunnel, and everybody reads that ada left and that ada joined. A blink should announce
//! nothing.

use crate::planted::Bug;

pub(crate) const BUG: Bug =
    Bug { name: "no_grace", breaks: "a lost connection is a departure", promises: &["presence"], ..Bug::USUAL };
