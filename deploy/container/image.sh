#!/usr/bin/env bash
# Makes the container image in artifacts: with buildah rawecho-VERSION-ARCHITECTURE.oci.tar, which 'podman load', 'skopeo copy oci-archive:'
# and 'ctr image import' take; without it rawecho-VERSION-ARCHITECTURE-rootfs.tar, the root file system alone, for 'docker import' and
# 'podman import'. './build.sh container' calls it after it has built the native executables.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
. "$root/deploy/layout.sh"
version="$(version "$root/out/native")"
name="rawecho-$version-$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')"
time="$(source_time "$root")"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir -p "$root/artifacts"
rm -f "$root/artifacts/$name.oci.tar" "$root/artifacts/$name-rootfs.tar"

"$root/deploy/container/rootfs.sh" "$work/rootfs"
if ! command -v buildah >/dev/null; then
    echo "There is no buildah here (Debian: apt-get install buildah): no image, only its root file system." >&2
    tar --create --directory "$work/rootfs" --sort=name --owner=0 --group=0 --numeric-owner --file "$root/artifacts/$name-rootfs.tar" .
    echo "artifacts/$name-rootfs.tar"
    exit
fi

# Nothing is run in the image, so this needs neither namespaces nor an overlay file system. What buildah stores goes with the folder.
buildah() { command buildah --root "$work/storage" --runroot "$work/run" --storage-driver vfs "$@"; }
buildah bud --quiet --isolation chroot --format oci --timestamp "$time" \
    --build-arg "VERSION=$version" --build-arg "REVISION=$(git -C "$root" rev-parse HEAD 2>/dev/null || echo unknown)" \
    --file "$root/deploy/container/Containerfile" --tag rawecho "$work" >/dev/null
buildah push --quiet rawecho "oci-archive:$root/artifacts/$name.oci.tar:rawecho:$version"
echo "artifacts/$name.oci.tar"
