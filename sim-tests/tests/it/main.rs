//! The promises of the repository, held against the repository.

mod gallery;
mod page;
mod pictures;
mod planted;
mod pure;
mod records;
mod regressions;
mod scenarios;
mod shrinking;
mod smoke;
mod tcp;
mod tidy;
mod torn;
