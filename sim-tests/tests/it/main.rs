//! The promises of the repository, held against the repository.

mod pictures;
mod pure;
mod regressions;
mod scenarios;
mod shrinking;
mod smoke;
mod tidy;
