#!/usr/bin/env bash
# The programs as built for Windows (win-x64), run by Wine against each other and against those of Linux: without TLS, because the keys of
# Windows (CNG) are not to be had in Wine. Needs ./build.sh before, wine, and some minutes. docs/building.md says what it cannot show.
# Exit code 0: all passed; 1: something failed; 77: nothing was tried, and the last line says why.
set -uo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
programs="$root/artifacts/windows/programs"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

skip() { echo "on-windows.sh: $*: nothing was tried"; exit 77; }

command -v wine >/dev/null || skip "Wine is not installed (Debian: apt-get install --no-install-recommends wine wine64)"
command -v dotnet >/dev/null || skip "the .NET SDK is not on the PATH"
[ -x "$root/out/rawecho-server" ] || skip "out/ holds no programs (./build.sh makes them)"
[ -f "$root/certs/dev/ca.pem" ] || skip "certs/dev holds no certificates (./build.sh makes them)"

work="$(mktemp -d)"
passed=0 failed=0 skipped=0 running=()

clean_up() {
    for pid in "${running[@]}"; do kill -KILL "$pid" 2>/dev/null; done
    # Of this prefix alone. Wine's own processes end by themselves when the last program has.
    [ -d "$WINEPREFIX" ] && timeout -k 5 30 wineserver -w 2>/dev/null || timeout 10 wineserver -k 2>/dev/null
    rm -rf "$work"
}

export WINEPREFIX="$work/prefix" WINEDEBUG=-all WINEDLLOVERRIDES="winemenubuilder.exe="
# Names of files and arguments cross over in the character set of the locale.
export LC_ALL=C.UTF-8
# With it the runtime dies in Wine 8 (0x80131506) as soon as a compiled method is collected: Wine lacks the mappings that it stands on.
export DOTNET_EnableWriteXorExecute=0
unset DISPLAY WAYLAND_DISPLAY RAWECHO_DEBUG
trap clean_up EXIT
trap 'exit 130' INT TERM

pass() { echo "PASS $*"; passed=$((passed + 1)); }
fail() { echo "FAIL $*"; failed=$((failed + 1)); sed 's/^/     | /' "$work/said" 2>/dev/null | tail -12; }
omit() { echo "SKIP $*"; skipped=$((skipped + 1)); }

# A file as Windows programs name it.
named() { echo "Z:${1//\//\\}"; }

# win PROGRAM ARGUMENTS and lin PROGRAM ARGUMENTS run one of the programs; what it says is in $work/said afterwards, line ends of Linux.
win() { timeout -k 5 150 wine "$programs/rawecho-$1.exe" "${@:2}"; }
lin() { timeout -k 5 150 "$root/out/rawecho-$1" "${@:2}"; }
say() {
    "$@" </dev/null >"$work/raw" 2>&1
    local code=$?
    tr -d '\r' <"$work/raw" >"$work/said"
    return $code
}

# check NAME CODE PATTERN COMMAND: it must end with that exit code, and a line of it must match.
check() {
    local name="$1" code="$2" pattern="$3" got
    shift 3
    say "$@"
    got=$?
    if [ "$got" -ne "$code" ]; then fail "$name: exit code $got, not $code"
    elif [ -n "$pattern" ] && ! grep -qE -- "$pattern" "$work/said"; then fail "$name: no line matches '$pattern'"
    else pass "$name"; fi
}

# echoed NAME COMMAND: a run whose every echo came, and was what had been sent.
echoed() {
    local name="$1"
    shift
    check "$name" 0 '^Mismatches: 0$' "$@"
    grep -qE '^Round trips: [1-9]' "$work/said" || fail "$name: no round trip"
}

# serve win|lin ARGUMENTS: starts a server; then $address and $server (its process) are set.
serve() {
    local kind="$1" log="$work/server.log"
    shift
    : >"$log"
    if [ "$kind" = win ]; then wine "$programs/rawecho-server.exe" "$@" </dev/null >"$log" 2>&1 &
    else "$root/out/rawecho-server" "$@" </dev/null >"$log" 2>&1 & fi
    server=$!
    running+=("$server")
    for _ in $(seq 600); do
        address="$(tr -d '\r' <"$log" | sed -n 's/^Listening on //p')"
        grep -q '^Server started' "$log" && [ -n "$address" ] && return 0
        kill -0 "$server" 2>/dev/null || break
        sleep 0.1
    done
    tr -d '\r' <"$log" >"$work/said"
    fail "a server starts ($kind $*)"
    return 1
}

# ended NAME CODE PATTERN [SIGNAL]: the server ends within 40 s, after the signal if there is one, and its log has such a line.
ended() {
    local name="$1" code="$2" pattern="$3" got
    [ -n "${4:-}" ] && kill "-$4" "$server"
    for _ in $(seq 400); do kill -0 "$server" 2>/dev/null || break; sleep 0.1; done
    tr -d '\r' <"$work/server.log" >"$work/said"
    if kill -0 "$server" 2>/dev/null; then kill -KILL "$server"; fail "$name: it did not end"; return; fi
    wait "$server" 2>/dev/null
    got=$?
    if [ "$got" -ne "$code" ]; then fail "$name: exit code $got, not $code"
    elif ! grep -qE -- "$pattern" "$work/said"; then fail "$name: no line of its log matches '$pattern'"
    else pass "$name"; fi
}

# appears PATTERN FILE: waits until a line of the file matches, 60 s at most.
appears() {
    for _ in $(seq 300); do
        grep -qE -- "$1" "$2" 2>/dev/null && return 0
        sleep 0.2
    done
    return 1
}

# on_console KEYS COMMAND: a server on a terminal of its own, where keys are pressed when it has started.
on_console() {
    rm -f "$work/screen"
    (appears 'Server started' "$work/screen"; printf '%b' "$1"; appears 'Ran for' "$work/screen") \
        | timeout -k 5 150 script -qefc "$2" "$work/screen" >/dev/null 2>&1
    tr -d '\r' <"$work/screen" >"$work/said"
}

echo "--- building for win-x64"
for project in Server Client Diagnostics certs; do
    dotnet restore "$root/$project" -r win-x64 -p:SelfContained=true --artifacts-path "$root/artifacts/windows/build" -v:q --nologo \
        >"$work/restore" 2>&1 || { cat "$work/restore"; skip "the runtime of win-x64 cannot be restored"; }
done
for project in Server Client Diagnostics certs; do
    dotnet publish "$root/$project" -c Release -r win-x64 --self-contained --artifacts-path "$root/artifacts/windows/build" -o "$programs" \
        -v:q --nologo -tl:off "-clp:NoSummary;ErrorsOnly" || { echo "on-windows.sh: $project does not build for win-x64" >&2; exit 1; }
done
timeout -k 5 120 wine wineboot -i >/dev/null 2>&1 || { echo "on-windows.sh: Wine makes no prefix (wineboot -i)" >&2; exit 1; }
mkdir -p "$work/Prüfung mit Leerzeichen"
cd "$work"
none=(--tls none)
odd="Prüfung mit Leerzeichen"

echo "--- $(wine --version): the command line"
for program in server client diagnostics certs; do
    check "$program --version" 0 "^rawecho-$program [0-9]" win $program --version
    check "$program --help" 0 '^Exit codes:' win $program --help
    check "$program man" 0 '^\.TH ' win $program man
    check "$program: an unknown option" 2 "^rawecho-$program: Unrecognized option '--nonsense'" win $program --nonsense
done
check "client: an unknown word" 2 "Did you mean 'probe'\?" win client prboe
check "client: a value that cannot be" 2 'takes a whole number' win client run --clients 1.5
check "client: nobody listens" 4 'refused the connection: nothing listens there' win client run 127.0.0.1:9 "${none[@]}" --duration 1s
check "client: a report that cannot be written" 11 'report.*cannot be written' win client run 127.0.0.1:9 "${none[@]}" --report 'no such folder\r.html'
check "client merge: no such file" 2 'missing\.json' win client merge missing.json
check "client: no such CA" 3 'ca\.pem: no such file' win client run 127.0.0.1:9 --tls server --ca "$odd\\ca.pem"
check "server: an address of another machine" 4 'does not have that address' win server "${none[@]}" --listen 192.0.2.1:0
check "server: a value that cannot be" 2 '^rawecho-server: --duration' win server "${none[@]}" --duration soon
check "diagnostics: no such process" 3 'There is no process 999999' win diagnostics watch 999999
check "diagnostics: a program that does not exist" 127 "There is no program 'no-such-program'" win diagnostics record --force -o r.jsonl -- no-such-program
check "RAWECHO_CLIENTS from the environment" 2 '^rawecho-client: RAWECHO_CLIENTS: ' env RAWECHO_CLIENTS=many timeout 90 wine "$programs/rawecho-client.exe" run

echo "--- echo, every byte compared"
if serve win "${none[@]}" --listen 127.0.0.1:0; then
    echoed "Windows to Windows, closed loop" win client run "$address" "${none[@]}" --clients 8 --duration 3s
    echoed "Windows to Windows, open loop" win client run "$address" "${none[@]}" --clients 8 --rate 200 --duration 3s
    echoed "Windows to Windows, large messages" win client run "$address" "${none[@]}" --clients 2 --size 1-64KiB --duration 2s
    check "Windows to Windows, a number of messages" 0 '^Round trips: 400 ' win client run "$address" "${none[@]}" --clients 4 --messages 400
    echoed "Linux to Windows, closed loop" lin client run "$address" "${none[@]}" --clients 8 --duration 3s
    echoed "Linux to Windows, open loop" lin client run "$address" "${none[@]}" --clients 8 --rate 200 --duration 3s
    check "the port is in use" 4 'another program uses this port' win server "${none[@]}" --listen "$address"
    echoed "and after that" win client run "$address" "${none[@]}" --clients 2 --duration 1s

    echo "--- results"
    check "--report in a folder with spaces and umlauts" 0 '^Mismatches: 0$' \
        win client run "$address" "${none[@]}" --clients 2 --duration 1s --report "$odd\\Übersicht.html" --hdr-log "$odd\\Übersicht.hlog"
    say cat "$odd/Übersicht.html"
    grep -q '</html>' "$work/said" && iconv -f UTF-8 -t UTF-8 "$odd/Übersicht.html" >/dev/null 2>&1 \
        && pass "the report is whole, and UTF-8" || fail "the report is whole, and UTF-8"
    grep -q '^#\[' "$odd/Übersicht.hlog" && pass "the log of histograms is there" || fail "the log of histograms is there"
    timeout 90 wine "$programs/rawecho-client.exe" run "$address" "${none[@]}" --clients 2 --duration 1s --json </dev/null >"$odd/ä.json" 2>"$work/said"
    lin client run "$address" "${none[@]}" --clients 2 --duration 1s --json </dev/null >linux.json 2>>"$work/said"
    sed 's/$/\r/' linux.json >"$odd/crlf.json"
    iconv -f UTF-8 -t UTF-8 "$odd/ä.json" >/dev/null 2>&1 && pass "--json is UTF-8" || fail "--json is UTF-8"
    check "Windows merges results of both, lines ending in CR LF" 0 '^Round trips: ' win client merge "$odd\\ä.json" "$odd\\crlf.json"
    check "Linux merges results of both" 0 '^Round trips: ' lin client merge "$odd/ä.json" linux.json
    check "Windows compares results of both" 0 '.' win client compare "$odd\\ä.json" linux.json
    check "--fail-if that holds" 10 'FAIL: --fail-if' win client run "$address" "${none[@]}" --clients 2 --duration 1s --fail-if 'p50>1ns'

    echo "--- every way to stop"
    check "client run --wait: standard input ends" 0 '^Mismatches: 0$' win client run "$address" "${none[@]}" --clients 1 --duration 1s --wait
    wine "$programs/rawecho-client.exe" run "$address" "${none[@]}" --clients 2 --duration 60s </dev/null >"$work/client.log" 2>&1 &
    client=$!
    running+=("$client")
    appears 'clients connected' "$work/client.log"
    sleep 1
    kill -INT "$client"
    for _ in $(seq 400); do kill -0 "$client" 2>/dev/null || break; sleep 0.1; done
    wait "$client"
    code=$?
    tr -d '\r' <"$work/client.log" >"$work/said"
    [ "$code" -eq 130 ] && grep -q '^Round trips: .*(interrupted)$' "$work/said" && pass "client: Ctrl-C" || fail "client: Ctrl-C: exit code $code"
    ended "server: Ctrl-C" 0 'Stopping \(Ctrl-C\)' INT
fi
serve win "${none[@]}" --listen 127.0.0.1:0 --duration 3s && ended "server: --duration" 0 'Stopping \(--duration is over\)'
if serve win "${none[@]}" --listen 127.0.0.1:0; then
    say lin client run "$address" "${none[@]}" --clients 2 --duration 60s &
    client=$!
    appears 'accepted .* 2 clients connected' "$work/server.log"
    sleep 1
    kill -INT "$server"
    wait "$client"
    code=$?
    [ "$code" -eq 8 ] && pass "client: the server stops gracefully" || fail "client: the server stops gracefully: exit code $code, not 8"
    ended "server: Ctrl-C under load" 0 'Stopping \(Ctrl-C\): 2 clients connected'
fi
if serve win "${none[@]}" --listen 127.0.0.1:0; then
    number="$(sed -nE 's/.*\(PID ([0-9]+),.*/\1/p' "$work/server.log")"
    check "server: killed by its number" 0 'terminated' timeout 60 wine taskkill /f /pid "$number"
    check "client: nobody listens any more" 4 'refused the connection' win client run "$address" "${none[@]}" --duration 1s
fi
if command -v script >/dev/null; then
    on_console q "wine '$programs/rawecho-server.exe' --tls none --listen 127.0.0.1:0" && grep -q 'Stopping (key q)' "$work/said" \
        && pass "server: the key q" || fail "server: the key q"
    on_console '\003' "wine '$programs/rawecho-server.exe' --tls none --listen 127.0.0.1:0" && grep -q 'Stopping (Ctrl-C)' "$work/said" \
        && pass "server: Ctrl-C on a console" || fail "server: Ctrl-C on a console"
else omit "server: the key q, Ctrl-C on a console: there is no script(1)"; fi

if serve lin "${none[@]}" --listen 127.0.0.1:0; then
    echoed "Windows to Linux, closed loop" win client run "$address" "${none[@]}" --clients 8 --duration 3s
    echoed "Windows to Linux, open loop" win client run "$address" "${none[@]}" --clients 8 --rate 200 --duration 3s
    ended "the server of Linux ends" 0 'Stopping' TERM
fi

echo "--- HTTP"
if serve win "${none[@]}" --listen 127.0.0.1:0 --http 127.0.0.1:0 --admin 127.0.0.1:0; then
    url="$(tr -d '\r' <"$work/server.log" | sed -n 's/^Serving HTTP on //p')"
    admin="$(tr -d '\r' <"$work/server.log" | sed -n 's/^Admin pages on //p')"
    check "get, Windows from Windows" 0 'Hello World' win client get "$url"
    check "get, Linux from Windows" 0 'Hello World' lin client get "$url"
    check "get --output" 0 '' win client get "$url" --output "$odd\\Körper.txt"
    grep -q 'Hello World' "$odd/Körper.txt" && pass "the body is in the file" || fail "the body is in the file"
    check "get --output NUL" 0 '' win client get "$url" --output NUL
    check "run, Windows to Windows" 0 '^Requests|^Round trips|^Responses' win client run "$url" --clients 4 --duration 2s
    check "admin page" 0 'rawecho' lin client get "${admin%/}/metrics"
    ended "the server with HTTP ends" 0 'Stopping' INT
fi

echo "--- files of certificates, and what Wine cannot do"
pki="$work/$odd/pki"
cp -r "$root/certs/dev" "$pki"
for file in "$pki"/*.pem "$pki"/*.txt "$pki"/*.json; do [ -f "$file" ] && sed -i 's/\r*$/\r/' "$file"; done
check "certs list, lines ending in CR LF" 0 '^server +server ' win certs list --dir "$odd\\pki"
check "certs show, lines ending in CR LF" 0 'Names +localhost' win certs show "$odd\\pki\\server.pem"
printf 'secret\r\nnot this\r\n' >password.txt
lin certs create --dir "$work/protected" --password-file password.txt >/dev/null
printf 'secret' >bare.txt
check "a password file with CR LF is one without" 0 'client\.pfx opens' lin certs check --dir "$work/protected" --password-file bare.txt
none_made='this system.s cryptography cannot generate a key'
keys='this system.s cryptography does not take the private key'
check "certs create says that the system makes no keys" 3 "$none_made" win certs create --dir "$odd\\new"
check "certs create --key rsa2048 says so, too" 3 "$none_made" win certs create --dir "$odd\\new" --key rsa2048
[ -e "$odd/new/ca.pem" ] && fail "certs create leaves nothing behind" || pass "certs create leaves nothing behind"
check "certs renew says so of the key" 3 "ca-key\.pem: .*$keys" win certs renew --dir "$odd\\pki"
check "server says so of its key" 3 "server-key\.pem: .*$keys" win server --listen 127.0.0.1:0 \
    --ca "$odd\\pki\\ca.pem" --cert "$odd\\pki\\server.pem" --key "$odd\\pki\\server-key.pem"
check "server says so of a PFX" 3 "server\.pfx: $keys" win server --listen 127.0.0.1:0 --ca "$odd\\pki\\ca.pem" --cert "$odd\\pki\\server.pfx"
check "client says so of its key" 3 "client-key\.pem: .*$keys" win client probe 127.0.0.1:9 \
    --ca "$odd\\pki\\ca.pem" --cert "$odd\\pki\\client.pem" --key "$odd\\pki\\client-key.pem"
check "client says so of a CA" 3 'ca\.pem: .*cannot be read: "' win client run 127.0.0.1:9 --tls server --ca "$odd\\pki\\ca.pem"
check "diagnostics ps says that pipes are not listed" 9 'named pipes of this system cannot be listed' win diagnostics ps
check "diagnostics watch says so, too" 9 'named pipes of this system cannot be listed' win diagnostics watch --once server

echo "--- a recording of Linux"
if serve lin "${none[@]}" --listen 127.0.0.1:0; then
    say lin diagnostics record --force -o recording.jsonl --duration 3s --quiet "$server"
    sed 's/$/\r/' recording.jsonl >"$odd/Aufnahme.jsonl"
    check "diagnostics report, lines ending in CR LF" 0 '' win diagnostics report "$odd\\Aufnahme.jsonl"
    compgen -G "$odd/Aufnahme*.html" >/dev/null && pass "the page is there" || fail "the page is there"
    ended "the recorded server ends" 0 'Stopping' TERM
fi

echo "--- build.cmd, as far as Wine's cmd goes: with programs of Wine that do nothing, or fail, in place of the SDK and of ours"
system="$WINEPREFIX/drive_c/windows/system32" tree="$work/ein Baum"
mkdir -p "$tree/out" "$tree/tests/One.Tests" "$tree/tests/Two.Tests" "$work/good" "$work/bad"
cp "$root/build.cmd" "$tree"
cp "$system/subst.exe" "$work/good/dotnet.exe"
cp "$system/taskkill.exe" "$work/bad/dotnet.exe"
for program in server client diagnostics certs; do cp "$system/subst.exe" "$tree/out/rawecho-$program.exe"; done
build() { (cd "$tree" && WINEPATH="${sdk:+$(named "$work/$sdk")}" timeout -k 5 300 wine cmd /d /c build.cmd "$@"); }
sdk=
check "build.cmd help" 0 '^Usage: build\.cmd \[build \| test ' build help
check "build.cmd: an unknown command" 2 "^build\.cmd: unknown command 'nonsense'" build nonsense
check "build.cmd bench" 2 "'bench' runs on Linux alone" build bench
check "build.cmd without an SDK" 1 "the \.NET 10 SDK is needed, and 'dotnet' is not on the PATH" build
sdk=bad
check "build.cmd with an SDK that fails" 1 "and 'dotnet --version' fails here" build build
sdk=good
check "build.cmd" 0 '^Built: ' build
[ -f "$tree/out/man/rawecho-certs.1" ] && pass "build.cmd writes the manual pages" || fail "build.cmd writes the manual pages"
check "build.cmd certs" 0 '' build certs
check "build.cmd test" 0 '^--- Two\.Tests' build test
check "build.cmd demo: a server that does not start" 1 'the server did not start' build demo
cp "$system/taskkill.exe" "$tree/out/rawecho-certs.exe"
rm -rf "$tree/out/man"
check "build.cmd: a program of ours that fails" 1 '^Building' build build
rm -r "$tree/tests/One.Tests" "$tree/tests/Two.Tests"
cp "$system/subst.exe" "$tree/out/rawecho-certs.exe"
check "build.cmd test without tests" 1 'none was found' build test

echo
[ "$skipped" -gt 0 ] && echo "$skipped skipped"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
