#!/usr/bin/env bash
# Restarts servers one after the other. Each is waited for, by its /readyz, until HAProxy counts on it again; when one does not come back,
# those behind it are left alone.
#
#   rolling-restart.sh 'ssh {} systemctl restart rawecho-server' a=http://10.0.0.11:9090 b=http://10.0.0.12:9090 c=http://10.0.0.13:9090
#
# {} stands for the name of a server. The command returns when the old server has stopped and the new one is started.
# READY_WITHIN: seconds until a server must be ready (60). Exit codes: 0 all were restarted; 2 wrong arguments; 3 a server was not ready
# before, and nothing was done; 4 a server was not restarted, or is not ready.
set -euo pipefail
limit="${READY_WITHIN:-60}"

fail() {
    echo "rolling-restart.sh: $2" >&2
    exit "$1"
}

is_ready() {
    [ "$(curl --silent --max-time 2 --output /dev/null --write-out '%{http_code}' "$1/readyz")" = 200 ]
}

# As HAProxy counts (rise 2, inter 500ms): two checks in a row.
wait_until_ready() {
    local end=$((SECONDS + limit)) passed=0
    while [ $passed -lt 2 ]; do
        if is_ready "$1"; then passed=$((passed + 1)); else passed=0; fi
        [ $passed -eq 2 ] || [ $SECONDS -lt $end ] || return 1
        sleep 0.5
    done
    # HAProxy's own checks come between ours.
    sleep 1
}

[ $# -ge 2 ] || fail 2 "a command and at least one NAME=URL are needed: see the top of this file."
[[ "$limit" =~ ^[0-9]+$ ]] || fail 2 "READY_WITHIN is a number of seconds, not '$limit'."
command="$1"
shift
for server in "$@"; do
    [[ "$server" =~ ^[A-Za-z0-9._-]+=https?:// ]] || fail 2 "a server is NAME=URL, such as a=http://10.0.0.11:9090, not '$server'."
done
for server in "$@"; do
    is_ready "${server#*=}" || fail 3 "${server%%=*} is not ready: nothing was restarted."
done
while [ $# -gt 0 ]; do
    name="${1%%=*}" url="${1#*=}"
    shift
    left="${*%%=*}"
    left="${left:+; left alone: ${left// /, }}"
    echo "$name: restarting"
    bash -c "${command//\{\}/$name}" || fail 4 "$name was not restarted: the command ended with exit code $?$left."
    wait_until_ready "$url" || fail 4 "$name is not ready after $limit s$left."
    echo "$name: ready"
done
