//! The promises of the repository, held against the repository.

mod tidy;
