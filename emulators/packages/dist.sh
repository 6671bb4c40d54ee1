#!/bin/sh
# make dist: what others install, below $1: the source as a tarball, the package for the Debian that this runs on, a list of its parts
# (SPDX) and checksums. The same tree gives the same bytes: names are sorted, owners are root, times are the tree's (version.sh).
# $2: the binary, built. The image is emulators/Dockerfile's: docker build -t tarn -f emulators/Dockerfile .
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
if git rev-parse --git-dir >/dev/null 2>&1; then
	mkdir "$tmp/tarn-$version"
	git archive HEAD | tar -x -C "$tmp/tarn-$version"
	echo "$version $SOURCE_DATE_EPOCH" >"$tmp/tarn-$version/emulators/packages/VERSION"
	tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --format=gnu -C "$tmp" -cf - "tarn-$version" | gzip -9n >"$out/tarn-$version.tar.gz"
fi

# ---- the package ----
command -v dpkg-deb >/dev/null || { echo "dist: no dpkg-deb here: no package"; exit 0; }
. /etc/os-release
arch=$(dpkg --print-architecture)
debian=${version}~deb${VERSION_ID:-0}
pkg=$tmp/pkg
maintainer='the maintainers of tarn <tarn@localhost.localdomain>'
make --no-print-directory -C "$root" install PREFIX=/usr ZSH_DIR=/usr/share/zsh/vendor-completions DESTDIR="$pkg" >/dev/null
find "$pkg/usr/share/man" -type f -exec gzip -9n {} +
# The packages of the libraries that it is linked with, and of those that it loads when they are wanted.
libraries() {
	ldd "$binary" | sed -n 's,.* => \(/[^ ]*\) .*,\1,p'
	find /usr/lib -name librdkafka.so.1 -o -name libmariadb.so.3
	find /usr/lib -name 'libcurl.so.4' -o -name 'libcurl-gnutls.so.4' | LC_ALL=C sort -r | head -n 1 # one of them is enough
}
packages() {
	libraries | while read -r f; do dpkg -S "$f" 2>/dev/null || dpkg -S "/usr$f" 2>/dev/null || dpkg -S "${f#/usr}" 2>/dev/null || :; done | cut -d: -f1 | LC_ALL=C sort -u
}
depends=$(packages | paste -sd, - | sed 's/,/, /g')
mkdir -p "$pkg/DEBIAN" "$pkg/usr/share/doc/tarn"
cp LICENSE "$pkg/usr/share/doc/tarn/copyright"
gzip -9nc emulators/tarn/help/changes.txt >"$pkg/usr/share/doc/tarn/NEWS.gz"
printf 'tarn (%s) unstable; urgency=medium\n\n  * What it brought: NEWS.gz, tarn help changes.\n\n -- %s  %s\n' "$debian" "$maintainer" \
	"$(date -u -R -d "@$SOURCE_DATE_EPOCH")" | gzip -9n >"$pkg/usr/share/doc/tarn/changelog.gz"
mkdir -p "$pkg/usr/share/tarn/scenarios"
cp -R scenarios/. "$pkg/usr/share/tarn/scenarios/"
cat >"$pkg/DEBIAN/control" <<CONTROL
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

# ---- what is in it ----
{
	printf '{"spdxVersion":"SPDX-2.3","dataLicense":"CC0-1.0","SPDXID":"SPDXRef-DOCUMENT","name":"tarn-%s","documentNamespace":"urn:tarn:%s:%s",' "$version" "$debian" "$arch"
	printf '"creationInfo":{"created":"%s","creators":["Tool: make dist"]},"packages":[\n' "$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)"
	printf '{"SPDXID":"SPDXRef-tarn","name":"tarn","versionInfo":"%s","downloadLocation":"NOASSERTION","licenseDeclared":"MIT"}' "$version"
	printf ',\n{"SPDXID":"SPDXRef-preact-htm","name":"preact and htm (in the console)","versionInfo":"as vendored","downloadLocation":"NOASSERTION","licenseDeclared":"MIT AND Apache-2.0"}'
	packages | while read -r p; do
		printf ',\n{"SPDXID":"SPDXRef-%s","name":"%s","versionInfo":"%s","downloadLocation":"NOASSERTION","licenseDeclared":"NOASSERTION"}' \
			"$(echo "$p" | tr -c 'A-Za-z0-9.\n' -)" "$p" "$(dpkg-query -W -f '${Version}' "$p" | head -n 1)"
	done
	printf '\n],"relationships":[{"spdxElementId":"SPDXRef-DOCUMENT","relationshipType":"DESCRIBES","relatedSpdxElement":"SPDXRef-tarn"}]}\n'
} >"$out/tarn-$version.spdx.json"
(cd "$out" && sha256sum ./* | sed 's,\./,,' >"$tmp/sums" && cp "$tmp/sums" SHA256SUMS)
ls -l "$out" | awk 'NR > 1 { print $5, $9 }'
