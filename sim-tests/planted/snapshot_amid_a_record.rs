//! Several requests arrive in one read and become one record. The snapshot is taken between its first intent and its
//! second, and says that the record is in it. The next start begins after that record: an intent is gone, and whatever
//! follows gets other numbers than before.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "snapshot_amid_a_record",
    breaks: "a snapshot is taken before the last record's end",
    promises: &["durable", "settles"],
    ..Bug::USUAL
};
