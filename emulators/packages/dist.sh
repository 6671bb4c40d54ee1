#!/bin/sh
# make dist: what others install, below $1: the source as a tarball, the package for the Debian that this runs on, the image (docker load,
# podman load) where docker or podman works, lists of the parts of both (SPDX) and checksums. The same tree gives the same bytes: names are
# sorted, owners are root, times are the tree's (version.sh); the image's do by podman. What can't be made here is said, not passed over.
# $2: the binary, built. DIST_IMAGE=no: no image.
set -eu
out=$1 binary=$2
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
# shellcheck disable=SC2046
set -- $(sh "$here/version.sh")
version=$1 SOURCE_DATE_EPOCH=$2
export SOURCE_DATE_EPOCH
case $binary in /*) ;; *) binary=$root/$binary ;; esac
case $out in /*) ;; *) out=$root/$out ;; esac
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
rm -rf "$out"
mkdir -p "$out"
cd "$root"

# ---- the source ----
tree=$root
if git rev-parse --git-dir >/dev/null 2>&1; then
	tree=$tmp/tarn-$version
	mkdir "$tmp/tarn-$version"
	git archive HEAD | tar -x -C "$tmp/tarn-$version"
	echo "$version $SOURCE_DATE_EPOCH" >"$tmp/tarn-$version/emulators/packages/VERSION"
	tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --format=gnu -C "$tmp" -cf - "tarn-$version" | gzip -9n >"$out/tarn-$version.tar.gz"
fi

# ---- the package ----
# shellcheck disable=SC1091
. /etc/os-release
arch=$(dpkg --print-architecture 2>/dev/null || uname -m)
debian=${version}~deb${VERSION_ID:-0}
# The packages of the libraries that it is linked with, and of those that it loads when they are wanted.
libraries() {
	ldd "$binary" | sed -n 's,.* => \(/[^ ]*\) .*,\1,p'
	find /usr/lib -name librdkafka.so.1 -o -name libmariadb.so.3
	find /usr/lib -name 'libcurl.so.4' -o -name 'libcurl-gnutls.so.4' | LC_ALL=C sort -r | head -n 1 # one of them is enough
}
packages() {
	libraries | while read -r f; do dpkg -S "$f" 2>/dev/null || dpkg -S "/usr$f" 2>/dev/null || dpkg -S "${f#/usr}" 2>/dev/null || :; done | cut -d: -f1 | LC_ALL=C sort -u
}
package() {
	pkg=$tmp/pkg
	maintainer='the maintainers of tarn <tarn@localhost.localdomain>'
	make --no-print-directory -C "$root" install PREFIX=/usr ZSH_DIR=/usr/share/zsh/vendor-completions DESTDIR="$pkg" >/dev/null
	find "$pkg/usr/share/man" -type f -exec gzip -9n {} +
	depends=$(packages | paste -sd, - | sed 's/,/, /g')
	mkdir -p "$pkg/DEBIAN" "$pkg/usr/share/doc/tarn"
	cp LICENSE "$pkg/usr/share/doc/tarn/copyright"
	gzip -9nc emulators/tarn/help/changes.txt >"$pkg/usr/share/doc/tarn/NEWS.gz"
	printf 'tarn (%s) unstable; urgency=medium\n\n  * What it brought: NEWS.gz, tarn help changes.\n\n -- %s  %s\n' "$debian" "$maintainer" \
		"$(date -u -R -d "@$SOURCE_DATE_EPOCH")" | gzip -9n >"$pkg/usr/share/doc/tarn/changelog.gz"
	mkdir -p "$pkg/usr/share/tarn/scenarios"
	cp -R scenarios/. "$pkg/usr/share/tarn/scenarios/"
	cat >"$pkg/DEBIAN/control" <<-CONTROL
	Package: tarn
	Version: $debian
	Architecture: $arch
	Section: devel
	Priority: optional
	Maintainer: $maintainer
	Installed-Size: $(du -sk "$pkg/usr" | cut -f1)
	Depends: $depends
	Recommends: python3, python3-jinja2, tzdata
	Description: cloud data pipeline in one program, offline
	 Emulators of MySQL on RDS, API Gateway, Kafka with REST proxy and Connect, S3,
	 Kinesis, a lake with Spark SQL and Delta tables, Databricks and Airflow, which
	 run together in one process, for tests, teaching and work without a cloud.
	CONTROL
	find "$pkg" -print0 | xargs -0 touch -h -d "@$SOURCE_DATE_EPOCH"
	chmod -R u=rwX,go=rX "$pkg"
	dpkg-deb --root-owner-group -Zxz --build "$pkg" "$out/tarn_${debian}_$arch.deb" >/dev/null
	packages | sh "$here/parts.sh" tarn "$version" >"$out/tarn_${debian}_$arch.spdx.json"
}
if command -v dpkg-deb >/dev/null; then package; else echo "dist: no dpkg-deb here: no package"; fi

# ---- the image ----
engine() {
	if docker info >/dev/null 2>&1; then echo docker; elif podman info >/dev/null 2>&1; then echo podman; fi
}
image() { # docker|podman
	base=docker.io/library/debian:${VERSION_CODENAME:-bookworm}-slim
	tag=$(printf %s "$version" | tr -c 'A-Za-z0-9_.-' -)
	name=docker.io/library/tarn:$tag file=$out/tarn-$version-image-$arch.tar
	$1 image inspect "$base" >/dev/null 2>&1 || $1 pull -q "$base" >/dev/null || { echo "dist: no $base here, nor a registry: no image"; return; }
	[ "$1" = docker ] && how="--build-arg SOURCE_DATE_EPOCH=$SOURCE_DATE_EPOCH" || how="--network=host --format docker --timestamp $SOURCE_DATE_EPOCH"
	# shellcheck disable=SC2086
	$1 build -q $how --build-arg DEBIAN="${VERSION_CODENAME:-bookworm}" --build-arg TARN_VERSION="$version $SOURCE_DATE_EPOCH" -t "$name" \
		-f emulators/Dockerfile "$tree" >"$tmp/said" 2>&1 || { cat "$tmp/said" >&2; exit 1; }
	$1 tag "$name" docker.io/library/tarn:latest
	$1 save -o "$file" "$name" docker.io/library/tarn:latest 2>"$tmp/said" || { cat "$tmp/said" >&2; exit 1; }
	gzip -9n "$file"
	made=$($1 create "$name")
	mkdir "$tmp/root"
	$1 export "$made" | tar -x -C "$tmp/root" usr/share/doc var/lib/dpkg/status.d etc/os-release usr/lib/os-release
	$1 rm "$made" >/dev/null 2>&1
	find "$tmp/root/var/lib/dpkg/status.d" -type f -exec basename {} \; | LC_ALL=C sort |
		sh "$here/parts.sh" tarn-image "$version" "$tmp/root" >"$out/tarn-$version-image-$arch.spdx.json"
}
engine=$(engine)
case ${DIST_IMAGE:-yes}/$engine in
no/*) ;;
*/) echo "dist: neither docker nor podman works here: no image" ;;
*) image "$engine" ;;
esac
(cd "$out" && sha256sum ./* | sed 's,\./,,' >"$tmp/sums" && cp "$tmp/sums" SHA256SUMS)
ls -l "$out" | awk 'NR > 1 { print $5, $9 }'
