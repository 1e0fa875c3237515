//! Binds the machines to tokio.
