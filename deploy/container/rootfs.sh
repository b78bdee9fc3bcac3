#!/usr/bin/env bash
# Makes the root file system of the container image in the folder $1: the native executables, the ELF loader, the libraries that they are
# linked with or load by name, a user, and what licenses and scanners ask for. $2 is the folder of the executables, if not out/native.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
. "$root/deploy/layout.sh"
tree="$1"
programs="${2:-$root/out/native}"
umask 022
# ldconfig is an administrator's program: not on everybody's PATH.
PATH="$PATH:/usr/sbin:/sbin"

# Where the container engine mounts the kernel's file systems; /tmp is for the socket by which rawecho-diagnostics attaches.
mkdir -p "$tree"/{dev,etc,proc,sys,tmp,usr/bin}
for name in rawecho-server rawecho-client rawecho-diagnostics rawecho-certs; do
    install -m 755 "$programs/$name" "$tree/usr/bin/$name"
done

# library NAME: its path on this machine.
library() {
    local path
    path="$(ldconfig -p | awk -v name="$1" '$1 == name { print $NF; exit }')"
    if [ -z "$path" ]; then
        echo "rootfs.sh: $1 is not on this machine. On Debian: apt-get install libssl3" >&2
        exit 1
    fi
    echo "$path"
}

# .NET loads OpenSSL by name, so ldd does not see it. OpenSSL loads its old ciphers, which PKCS#12 files of old recipes need.
crypto="$(library libcrypto.so.3)"
objects=("$(library libssl.so.3)" "$crypto" "$(dirname "$crypto")/ossl-modules/legacy.so")
# What all of them are linked with: "libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x...)", and "/lib64/ld-linux-x86-64.so.2 (0x...)".
linked="$(ldd "$programs"/rawecho-* "${objects[@]}" | sed -nE 's/^(.* => |\s+)(\/\S+) \(0x.*/\2/p')"
files="$(printf '%s\n' "${objects[@]}" "$linked" | sed 's/^\/usr//' | sort -u)"
for file in $files; do
    install -D -m 755 "$file" "$tree/usr$file"
done
# As Debian has them, so that the loader is where the executables look for it.
for folder in lib lib64; do
    if [ -d "$tree/usr/$folder" ]; then ln -s "usr/$folder" "$tree/$folder"; fi
done

# .NET asks for the home of its user. Names are looked up in /etc/hosts, which the engine writes, and in DNS.
echo 'rawecho:x:65532:65532:RawEcho:/nonexistent:' >"$tree/etc/passwd"
echo 'rawecho:x:65532:' >"$tree/etc/group"
echo 'hosts: files dns' >"$tree/etc/nsswitch.conf"

# Which package in which version a library came from: scanners look there for what has to be updated.
install -D -m 644 "$root/LICENSE" "$tree/usr/share/doc/rawecho/copyright"
if command -v dpkg-query >/dev/null; then
    install -m 644 /etc/os-release "$tree/etc/os-release"
    mkdir -p "$tree/var/lib/dpkg/status.d"
    for file in $files; do
        # Some packages still name /lib, which is a link.
        dpkg-query -S "/usr$file" 2>/dev/null || dpkg-query -S "$file" 2>/dev/null || true
    done | sed -nE 's/^([^:]+):.*/\1/p' | sort -u | while read -r package; do
        install -D -m 644 "/usr/share/doc/$package/copyright" "$tree/usr/share/doc/$package/copyright"
        dpkg-query -s "$package" >"$tree/var/lib/dpkg/status.d/$package"
    done
fi

chmod 1777 "$tree/tmp"
find "$tree" -exec touch --no-dereference --date="@$(source_time "$root")" {} +
