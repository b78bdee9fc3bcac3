#!/usr/bin/env bash
# What a scanner sees of rawecho-server: TLS 1.2 and 1.3, AEAD suites with forward secrecy, no compression, no renegotiation, no
# known vulnerability. Needs ./build.sh, and sslscan or testssl; runs what is there. Exit code 0: all as it should be.
set -uo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
work="$(mktemp -d)"
failures=0
server=
trap '[ -n "$server" ] && kill "$server" 2>/dev/null; rm -rf "$work"' EXIT

fail() { echo "FAIL: $*"; failures=$((failures + 1)); }
ok() { echo "ok: $*"; }

"$root/out/rawecho-certs" create --dir "$work/pki" >/dev/null || exit 1
# Without client certificates: a scanner has none, and what is looked at here is the same.
"$root/out/rawecho-server" --listen 127.0.0.1:0 --tls "${1:-server}" --cert "$work/pki/server.pem" --key "$work/pki/server-key.pem" \
    $([ "${1:-server}" = mutual ] && echo --ca "$work/pki/ca.pem") </dev/null >"$work/log" 2>&1 &
server=$!
address=
for _ in $(seq 100); do
    address="$(sed -n 's/^Listening on //p' "$work/log")"
    [ -n "$address" ] && break
    sleep 0.1
done
[ -n "$address" ] || { cat "$work/log"; echo "on-the-wire.sh: the server did not start" >&2; exit 1; }

seen=
if command -v sslscan >/dev/null; then
    seen=1
    sslscan --no-colour --no-check-certificate "$address" >"$work/sslscan"
    for old in SSLv2 SSLv3 TLSv1.0 TLSv1.1; do
        grep -qE "^$old +disabled" "$work/sslscan" && ok "sslscan: $old disabled" || fail "sslscan: $old is not disabled"
    done
    for new in TLSv1.2 TLSv1.3; do
        grep -qE "^$new +enabled" "$work/sslscan" && ok "sslscan: $new enabled" || fail "sslscan: $new is not enabled"
    done
    suites="$(awk '/^(Preferred|Accepted)/ { print $5 }' "$work/sslscan")"
    [ -n "$suites" ] || fail "sslscan: no suite at all"
    bad="$(grep -vE '^(TLS_(AES_(128|256)_GCM|CHACHA20_POLY1305)_SHA(256|384)|ECDHE-(ECDSA|RSA)-(AES(128|256)-GCM-SHA(256|384)|CHACHA20-POLY1305))$' <<<"$suites")"
    [ -z "$bad" ] && ok "sslscan: only AEAD with forward secrecy: $(tr '\n' ' ' <<<"$suites")" || fail "sslscan: $bad"
    grep -qE '^(Session renegotiation not supported|Secure session renegotiation supported)' "$work/sslscan" && ok "sslscan: no insecure renegotiation" || fail "sslscan: renegotiation"
    ! grep -qE '^TLSv1\.[0-9] vulnerable' "$work/sslscan" && ok "sslscan: not vulnerable to Heartbleed" || fail "sslscan: Heartbleed"
fi

testssl="$(command -v testssl || command -v testssl.sh || true)"
if [ -n "$testssl" ]; then
    seen=1
    # -p protocols, -s categories of suites, -f forward secrecy, -U vulnerabilities.
    timeout 400 "$testssl" --quiet --color 0 --warnings off --nodns none -p -s -f -U \
        --jsonfile "$work/testssl.json" "$address" </dev/null >"$work/testssl" 2>&1
    grep -q '"id"' "$work/testssl.json" 2>/dev/null || { fail "testssl wrote no findings: $(tail -3 "$work/testssl")"; echo "{}" >"$work/testssl.json"; }
    # One finding a block; those of severity LOW and up are to be explained or mended.
    findings="$(tr -d '\n' <"$work/testssl.json" | grep -oE '\{[^}]*\}' \
        | grep -E '"severity" *: *"(LOW|MEDIUM|HIGH|CRITICAL)"' | sed -E 's/.*"id" *: *"([^"]*)".*"severity" *: *"([^"]*)".*"finding" *: *"([^"]*)".*/\1 \2 \3/')"
    [ -z "$findings" ] && ok "testssl: no finding of severity LOW or above" || while IFS= read -r line; do fail "testssl: $line"; done <<<"$findings"
fi

[ -n "$seen" ] || { echo "on-the-wire.sh: neither sslscan nor testssl is installed: nothing was looked at"; exit 77; }
echo "$failures failures"
[ "$failures" -eq 0 ]
