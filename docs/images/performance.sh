#!/usr/bin/env bash
# Makes the picture of docs/performance.md: the bars of artifacts/bench/bench.html, as chromium shows them. Needs './build.sh bench' before.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
chromium --headless --no-sandbox --disable-gpu --disable-background-networking --disable-component-update --no-first-run \
    --user-data-dir="$work" --hide-scrollbars --window-size=1100,1645 --screenshot="$root/docs/images/performance.png" \
    "file://$root/artifacts/bench/bench.html" 2>/dev/null
echo "docs/images/performance.png"
