//! The promises of the repository, held against the repository.

mod smoke;
mod tidy;
