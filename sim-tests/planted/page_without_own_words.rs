//! Nobody is shown their own words as news: so a page of history leaves them out as well, though it was asked for.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "page_without_own_words",
    breaks: "a page of talk has gaps where one spoke oneself",
    promises: &["gapless"],
    ..Bug::USUAL
};
