#!/usr/bin/env bash
# Builds, tests and demonstrates RawEcho. build.cmd is its twin for Windows.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
out="$root/out"
programs=(Server Client Diagnostics certs)
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1

usage() {
    cat <<'TEXT'
Usage: ./build.sh [build | test | demo | bench | soak | certs | native | pack | archive | deb | container | help]
  build   compile everything; the programs lie in out/ (the default)
  test    build, then run all tests; "test native" those of whole programs on the native executables, "test all" both
  demo    server and 64 clients for ten seconds over mutual TLS, every byte verified; both watched, and compared at the end
  bench   measure side by side with C, Go, Kestrel and the original's design; "bench http" for HTTP (needs gcc, libssl-dev)
          "bench haproxy" behind HAProxy (needs haproxy, too)
  soak    churn, load and faults together for a time: './build.sh soak --minutes N' (10); memory, sockets and threads must not grow
  certs   make the development certificates in certs/dev, where there are none
  native  the programs as native executables in out/native: they need no .NET (building them needs clang or gcc; some five minutes)
  pack    build, then make the packages in artifacts/packages: the two libraries, and the programs as .NET tools
  archive native executables and .NET tools in one artifacts/rawecho-VERSION-SYSTEM.tar.gz
  deb     native executables as a Debian package, artifacts/rawecho_VERSION_ARCHITECTURE.deb
  container native executables in an image, artifacts/rawecho-VERSION-ARCHITECTURE.oci.tar, by buildah; without it its root file system
TEXT
}

require_sdk() {
    if ! command -v dotnet >/dev/null; then
        echo "build.sh: the .NET 10 SDK is needed, and 'dotnet' is not on the PATH: see https://dot.net/download" >&2
        exit 1
    fi
    local said
    if ! said="$(cd "$root" && dotnet --version 2>&1)"; then
        echo "build.sh: the .NET 10 SDK is needed, and 'dotnet --version' fails here. It says:" >&2
        sed 's/^/  /' <<<"$said" >&2
        exit 1
    fi
}

# One line for each project that is done, instead of where its assembly lies; errors and warnings as they are.
name_projects() {
    local line
    while IFS= read -r line; do
        if [[ "$line" == *" -> "* ]]; then echo "  ${SECONDS} s: $(sed -E 's/^ *([^ ]+) -> .*/\1/' <<<"$line")"; else echo "$line"; fi
    done
}

build() {
    require_sdk
    SECONDS=0
    echo "Restoring packages ..."
    dotnet restore "$root/RawEcho.sln" -v:q --nologo -tl:off "-clp:NoSummary;ErrorsOnly" -nr:false
    echo "Building $(grep -c '^Project(.*csproj' "$root/RawEcho.sln") projects (the first time takes some two minutes on two cores) ..."
    dotnet build "$root/RawEcho.sln" -c Release --no-restore -v:m --nologo -tl:off "-clp:NoSummary" -nr:false | name_projects
    for program in "${programs[@]}"; do
        dotnet publish "$root/$program" -c Release --no-build -v:q --nologo -tl:off "-clp:NoSummary;ErrorsOnly" -nr:false -o "$out"
    done
    # What only Windows loads.
    rm -rf "$out/runtimes/win"
    manuals
    certs
    echo "Built in ${SECONDS} s: out/rawecho-server, out/rawecho-client, out/rawecho-diagnostics, out/rawecho-certs"
}

# From the definitions of the commands and options, by the programs themselves.
manuals() {
    mkdir -p "$out/man"
    for name in server client diagnostics certs; do
        "$out/rawecho-$name" man >"$out/man/rawecho-$name.1"
    done
}

certs() {
    [ -x "$out/rawecho-certs" ] || { build; return; }
    [ -f "$root/certs/dev/ca.pem" ] || "$out/rawecho-certs" create --dir "$root/certs/dev"
}

native() {
    require_sdk
    if ! command -v clang >/dev/null && ! command -v gcc >/dev/null; then
        echo "build.sh: native executables are linked by clang or gcc, and neither is on the PATH. On Debian: apt-get install clang" >&2
        exit 1
    fi
    local rid="linux-x64"
    [ "$(uname -m)" = aarch64 ] && rid=linux-arm64
    [ "$(uname -s)" = Darwin ] && rid="osx-$(uname -m | sed 's/x86_64/x64/')"
    SECONDS=0
    echo "Building four native executables (the first time takes some five minutes on two cores) ..."
    for program in "${programs[@]}"; do
        dotnet publish "$root/$program" -c Release -r "$rid" -p:Native=true --artifacts-path "$root/artifacts/native" \
            -v:q --nologo -tl:off -clp:NoSummary -nr:false -o "$out/native"
        echo "  ${SECONDS} s: $program"
    done
    echo "Built in ${SECONDS} s:"
    (cd "$root" && du --apparent-size -h out/native/rawecho-*)
}

pack() {
    build
    rm -rf "$root/artifacts/packages"
    dotnet pack "$root/RawEcho.sln" -c Release --no-build -v:q --nologo -tl:off "-clp:NoSummary;ErrorsOnly" -nr:false
    (cd "$root" && printf '%s\n' artifacts/packages/*.nupkg)
}

archive() {
    pack
    native
    "$root/deploy/archive.sh"
}

deb() {
    if ! command -v dpkg-deb >/dev/null; then
        echo "build.sh: a Debian package is made by dpkg-deb, which is not on the PATH." >&2
        exit 1
    fi
    native
    "$root/deploy/debian/package.sh"
}

container() {
    native
    "$root/deploy/container/image.sh"
}

run_tests() {
    case "${1:-}" in
        "" | native | all) ;;
        *)
            echo "build.sh: 'test' takes 'native', 'all' or nothing, not '$1'" >&2
            exit 2
            ;;
    esac
    build
    if [ -n "${1:-}" ]; then native; fi
    # Every project, and then those of whole programs once more on the native ones.
    local runs=()
    if [ "${1:-}" != native ]; then runs+=("$root"/tests/*Tests/*.csproj); fi
    if [ -n "${1:-}" ]; then runs+=(native "$root"/tests/{EndToEnd,Diagnostics}.Tests/*.csproj); fi
    local log total=0 failed=0 skipped=0 broken=0 on=out
    log="$(mktemp)"
    for run in "${runs[@]}"; do
        if [ "$run" = native ]; then
            on=out/native
            export RAWECHO_OUT="$out/native"
            continue
        fi
        local name
        name="$(basename "$run" .csproj)"
        echo "--- $name on $on"
        dotnet "$(dirname "$run")/bin/Release/net10.0/$name.dll" --progress off --no-ansi 2>&1 | tee "$log" || broken=1
        counts="$(sed -nE 's/^ *(total|failed|skipped): ([0-9]+).*/\1=\2/p' "$log")"
        grep -q '^total=[1-9]' <<<"$counts" || broken=1
        total=$((total + $(sed -n 's/^total=//p' <<<"$counts" | tail -1 || echo 0) + 0))
        failed=$((failed + $(sed -n 's/^failed=//p' <<<"$counts" | tail -1 || echo 0) + 0))
        skipped=$((skipped + $(sed -n 's/^skipped=//p' <<<"$counts" | tail -1 || echo 0) + 0))
    done
    rm -f "$log"
    # A test program that died says nothing of failed tests, but it has not passed.
    if [ "$broken" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
    if [ "$skipped" -gt 0 ]; then echo "$skipped skipped"; fi
    echo "$((total - failed - skipped)) passed, $failed failed"
    [ "$failed" -eq 0 ]
}

demo() {
    build
    local address="" failed=""
    log="$(mktemp)"
    comparison="$(mktemp)"
    client="" watcher=""
    "$out/rawecho-server" --listen 127.0.0.1:0 </dev/null >"$log" 2>&1 &
    server=$!
    trap 'kill -KILL $server $client $watcher 2>/dev/null || true; rm -f "$log" "$comparison"' EXIT
    trap 'exit 130' INT TERM
    for _ in $(seq 100); do
        address="$(sed -n 's/^Listening on //p' "$log")"
        [ -n "$address" ] && break
        kill -0 "$server" 2>/dev/null || break
        sleep 0.1
    done
    if [ -z "$address" ]; then
        echo "build.sh: the server did not start:" >&2
        cat "$log" >&2
        exit 1
    fi

    echo
    echo "--- client: 64 clients, 10 s, messages of 1 to 100 bytes"
    "$out/rawecho-client" --server "$address" --clients 64 --duration 10s </dev/null &
    client=$!
    mkdir -p "$root/artifacts"
    # Until the client ends: what the server does alone is no part of the comparison.
    "$out/rawecho-diagnostics" record --force -o "$root/artifacts/demo.jsonl" --duration 9s "$server" "$client" </dev/null >"$comparison" 2>&1 &
    watcher=$!
    wait "$client" || failed+=" rawecho-client ended with $?;"
    wait "$watcher" || failed+=" rawecho-diagnostics ended with $?;"
    kill -TERM "$server"
    wait "$server" || failed+=" rawecho-server ended with $?;"
    echo
    echo "--- server"
    # The first connection in full; the other 63 a line each, of which the last one will do.
    grep -v '^Client connection .* accepted (' "$log"
    echo
    echo "--- server and client compared (rawecho-diagnostics; recording: artifacts/demo.jsonl)"
    cat "$comparison"
    echo
    if [ -n "$failed" ]; then
        echo "Demo FAILED:${failed%;}. What the codes mean: docs/command-line.md"
        return 1
    fi
    echo "Demo passed: 64 clients, and every echo was what had been sent."
}

case "${1:-build}" in
    build) build ;;
    test) run_tests "${@:2}" ;;
    demo) demo ;;
    certs) require_sdk; certs ;;
    native) native ;;
    pack) pack ;;
    archive) archive ;;
    deb) deb ;;
    container) container ;;
    bench)
        build
        exec dotnet "$root/tests/Benchmarks/bin/Release/net10.0/rawecho-bench.dll" "${@:2}"
        ;;
    soak)
        build
        exec dotnet "$root/tests/Soak/bin/Release/net10.0/rawecho-soak.dll" "${@:2}"
        ;;
    help | -h | --help) usage ;;
    *)
        echo "build.sh: unknown command '$1'" >&2
        usage >&2
        exit 2
        ;;
esac
