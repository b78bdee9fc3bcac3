#!/usr/bin/env bash
# Makes artifacts/rawecho_VERSION_ARCHITECTURE.deb of the native executables. './build.sh deb' calls it after it has built them.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
. "$root/deploy/layout.sh"
programs="$root/out/native"
debian="$root/deploy/debian"
# 0.1.0-alpha.0.400 comes before 0.1.0, which is what ~ says to dpkg.
version="$(version "$programs" | tr - '~')"
architecture="$(dpkg --print-architecture)"
time="$(source_time "$root")"
package="$root/artifacts/rawecho_${version}_$architecture.deb"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
umask 022
mkdir -p "$root/artifacts"

layout "$programs" "$work/usr" vendor-completions
doc="$work/usr/share/doc/rawecho"
mkdir -p "$work/DEBIAN" "$doc" "$work/usr/share/lintian/overrides"
install -D -m 644 -t "$work/usr/lib/systemd/system" "$root"/deploy/systemd/rawecho-server.{service,socket}
install -D -m 644 "$debian/rawecho-server.default" "$work/etc/default/rawecho-server"
install -D -m 644 "$debian/copyright" "$doc/copyright"
install -m 644 "$root/README.md" "$root"/docs/*.md "$root"/docs/*.json "$doc/"
install -m 644 "$debian/lintian-overrides" "$work/usr/share/lintian/overrides/rawecho"
gzip -9n >"$doc/changelog.gz" <<TEXT
rawecho ($version) unstable; urgency=medium

  * Built from the sources; 'git log' tells what has changed.

 -- $(sed -n 's/^Maintainer: //p' "$debian/control")  $(LC_ALL=C date -u -R -d "@$time")
TEXT
size="$(du --apparent-size -sk "$work" | cut -f1)"
sed "s/@VERSION@/$version/; s/@ARCHITECTURE@/$architecture/; s/@SIZE@/$size/" "$debian/control" >"$work/DEBIAN/control"
echo /etc/default/rawecho-server >"$work/DEBIAN/conffiles"
(cd "$work" && find usr -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
SOURCE_DATE_EPOCH="$time" dpkg-deb --root-owner-group -Zxz -z1 --build "$work" "$package" >/dev/null
echo "artifacts/$(basename "$package")"
