#!/usr/bin/env bash
# Writes the pages of two runs and opens them in a browser without a window. Needs cargo and node 20; installs Debian's
# Chromium if there is none and it may.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cd "$here/../../.."

install() {
    if [[ $EUID -ne 0 ]]; then
        echo "missing: $*. Install it and run this again." >&2
        return 1
    fi
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

chromium="${CHROMIUM:-$(command -v chromium || true)}"
[[ -n "$chromium" ]] || { install chromium fonts-dejavu-core && chromium="$(command -v chromium)"; }
command -v npm >/dev/null || install nodejs npm

# The test that writes the pages says where they are.
cargo test -q -p causerie-sim --test it -- page::pages_are_written --exact
pages="${CARGO_TARGET_DIR:-target}/tmp/pages"

# Installed beside the pages, not into the sources.
cp "$here"/package.json "$here"/package-lock.json "$here"/page.test.mjs "$pages"
cd "$pages"
npm ci --ignore-scripts --no-audit --no-fund --silent
CHROMIUM="$chromium" node page.test.mjs .
