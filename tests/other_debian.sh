#!/bin/sh
# Builds, demo and tests in a chroot of the other Debian release (13 on 12, 12 on 13), made by debootstrap from this machine's own
# mirror and kept in $1. Needs root. Says why when it skips.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
dir=$1
skip() { echo "SKIP: $1"; exit 0; }

. /etc/os-release
case "${VERSION_CODENAME-}" in
bookworm) other=trixie ;;
trixie) other=bookworm ;;
*) skip "this is neither Debian 12 nor 13 (${PRETTY_NAME-an unknown system})" ;;
esac
[ "$(id -u)" = 0 ] || skip "debootstrap and chroot need root"
# In a name space of its own: what is mounted below the build folder is seen by nobody else, and goes with this script.
[ -n "${OTHER_DEBIAN_NS-}" ] || OTHER_DEBIAN_NS=1 exec unshare -m sh "$0" "$@"
command -v debootstrap >/dev/null || skip "debootstrap is missing"
mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null |
	sed -nE 's,^(URIs:|deb( \[[^]]*\])?) *(https?://[^ ]*/debian/?)( .*)?$,\3,p' | head -n 1)
[ -n "$mirror" ] || skip "no mirror of Debian in this machine's sources of packages"

chroot_dir=$dir/$other
if [ ! -e "$chroot_dir/.made" ]; then
	rm -rf "$chroot_dir"
	mkdir -p "$chroot_dir"
	debootstrap --variant=minbase "$other" "$chroot_dir" "$mirror" >"$dir/debootstrap.log" 2>&1 ||
		skip "debootstrap of $other failed: $(tail -n 1 "$dir/debootstrap.log")"
	# What lets apt reach the mirror from here lets it from there.
	cp -r /etc/apt/apt.conf.d/. "$chroot_dir/etc/apt/apt.conf.d/"
	cp /etc/resolv.conf /etc/hosts "$chroot_dir/etc/" 2>/dev/null || true
	touch "$chroot_dir/.made"
fi

cd "$root"
mkdir -p "$chroot_dir/work/tarn" "$chroot_dir/work/shared"
mounted=
stop() {
	for m in $mounted; do umount -l "$m" 2>/dev/null || true; done
}
trap stop EXIT
attach() { # where, mount's arguments...
	mkdir -p "$chroot_dir/$1"
	mountpoint -q "$chroot_dir/$1" || { at=$chroot_dir/$1; shift; mount "$@" "$at" || skip "mount is not allowed here"; mounted="$at $mounted"; }
}
attach proc -t proc proc
attach dev --bind /dev
attach dev/pts --bind /dev/pts
[ ! -d "${TARN_SHARED:-$root/../shared}" ] || attach work/shared --bind "$(cd "${TARN_SHARED:-$root/../shared}" && pwd -P)"

# The tree as it is here, without what was built; what was built there stays.
find "$chroot_dir/work/tarn" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
tar -c --exclude='./build*' --exclude=./.git --exclude=./.tarn . | tar -x -C "$chroot_dir/work/tarn"
echo "in a chroot of $other"
exec_in() { env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM=dumb chroot "$chroot_dir" sh -c "cd /work/tarn && $1"; }
exec_in "command -v make >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends make >/dev/null; }"
exec_in "make demo"
exec_in "make ${2:-test}"
