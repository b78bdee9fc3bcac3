#!/usr/bin/env bash
# Makes artifacts/rawecho-VERSION-SYSTEM.tar.gz: the native executables with man pages and shell completion, and the .NET tools as packages.
# './build.sh archive' calls it after it has built both. $1 is the folder of the packages, if they are elsewhere.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
. "$root/deploy/layout.sh"
programs="$root/out/native"
packages="${1:-$root/artifacts/packages}"
version="$(version "$programs")"
name="rawecho-$version-linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

mkdir -p "$root/artifacts"
tree="$work/$name"
layout "$programs" "$tree" site-functions
mkdir -p "$tree/tools" "$tree/share/doc/rawecho"
for package in rawecho-server rawecho-client rawecho-diagnostics rawecho-certs; do
    cp "$packages/$package.$version.nupkg" "$tree/tools/"
done
cp "$root/README.md" "$root/LICENSE" "$tree/"
cp "$root"/docs/*.md "$root"/docs/*.json "$tree/share/doc/rawecho/"
tar --create --directory "$work" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$(source_time "$root")" "$name" |
    gzip -9n >"$root/artifacts/$name.tar.gz"
echo "artifacts/$name.tar.gz"
