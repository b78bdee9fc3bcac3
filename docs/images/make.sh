#!/usr/bin/env bash
# Makes the pictures of README and docs/reports.md from real runs: a terminal session as SVG (session.py), and each report as chromium shows it.
# Needs ./build.sh before, python3 and chromium; a minute and a half. Ports 7443 and 7444 of this machine must be free.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
images="$root/docs/images"
work="$(mktemp -d)"
trap 'kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
cd "$root"

out/rawecho-server </dev/null >"$work/log" 2>&1 &
server=$!
until grep -q '^Server started' "$work/log"; do kill -0 "$server"; sleep 0.1; done

# A warm-up, so that the picture shows the programs and not their compiler.
out/rawecho-client run --duration 3s --quiet
python3 "$images/session.py" "$images/session.svg" \
    "out/rawecho-client run --rate 5000 --duration 3s --fail-if 'p99>50ms'" \
    "out/rawecho-client probe --server-name echo.example.org | tail -n 6"

# shoot PAGE PICTURE HEIGHT
shoot() {
    chromium --headless --no-sandbox --disable-gpu --disable-background-networking --disable-component-update --no-first-run \
        --user-data-dir="$work/browser" --hide-scrollbars --window-size=1100,"$3" --screenshot="$images/$2" "file://$work/$1" 2>/dev/null
    echo "docs/images/$2"
}

out/rawecho-diagnostics record --force --quiet -o "$work/run.jsonl" --duration 20s "$server" >"$work/summary" &
recorder=$!
out/rawecho-client run --duration 4s --rate 5000 --quiet --repeat 5 --report "$work/repeat.html" --json >"$work/old.json"
out/rawecho-client run --duration 8s --quiet --report "$work/load.html"
wait "$recorder"
out/rawecho-diagnostics report "$work/run.jsonl" -o "$work/recording.html" >/dev/null
out/rawecho-client handshake --duration 5s --clients 4 --quiet --report "$work/handshake.html" >/dev/null
out/rawecho-client max --p99 20ms --duration 2s --clients 32 --from 4000 --precision 20 --quiet --report "$work/max.html" >/dev/null
out/rawecho-client run --duration 4s --rate 5000 --size 1000 --quiet --repeat 5 --json >"$work/new.json"
out/rawecho-client compare "$work/old.json" "$work/new.json" --report "$work/compare.html" >/dev/null
shoot recording.html diagnostics-report.png 1500
shoot load.html run-report.png 1500
shoot handshake.html handshake-report.png 900
shoot max.html max-report.png 900
shoot compare.html compare-report.png 1300
