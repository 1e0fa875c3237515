# One-line names for plain cargo commands; nobody needs `just` to work here.

# The recipes.
default:
    @just --list --unsorted

# Everything that a change must pass, as CI runs it.
verify: fmt clippy doc deny test

# The sources are formatted.
fmt:
    cargo fmt --all --check

# The lints hold.
clippy:
    cargo clippy --workspace --all-targets -- -D warnings

# The documentation builds and its links lead somewhere.
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# What is built in has a licence we accept and comes from crates.io (needs cargo-deny).
deny:
    cargo deny check bans licenses sources

# All tests, documentation tests too.
test *arguments:
    cargo test --workspace {{arguments}}

# The page, in a headless Chromium (needs node and Chromium; installs them on Debian).
test-web *arguments:
    cli/tests/web/run {{arguments}}

# Whole runs of the machines under faults, from seeds.
sim *arguments:
    cargo sim {{arguments}}

# The page of a run, used in a browser (needs node; installs Chromium if it may).
test-report:
    bash sim-tests/tests/page/run.sh

# How fast the machines are.
bench *arguments:
    cargo bench -p causerie-core {{arguments}}

# A server, optimized.
server *arguments:
    cargo run --release -- server {{arguments}}

# weechat, irssi, ii and irc-framework in one room with everybody else, each one's own log read back; then irctest, a suite of others.
test-irc:
    bash cli/tests/irc/run
