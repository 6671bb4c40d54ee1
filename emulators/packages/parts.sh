#!/bin/sh
# Prints the list of parts (SPDX 2.3, JSON) of what is called $1: tarn, what is in it, and the packages of Debian that are named on stdin, each
# with version and licence. $2: the version; $3: the folder they are unpacked in, an image's root; none: this system.
# A package's licence is what Debian's copyright file says of its files as a whole ("Files: *"), and what the table here says where that
# file isn't written for machines or speaks of more than the library; all licences that it names are in the comment.
set -eu
name=$1 version=$2 root=${3-}
here=$(cd "$(dirname "$0")" && pwd)
export LC_ALL=C
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# package|licence
table='base-files|GPL-2.0-or-later
busybox|GPL-2.0-only
libc6|LGPL-2.1-or-later
libcrypt1|LGPL-2.1-or-later
libgcc-s1|GPL-3.0-or-later WITH GCC-exception-3.1
libstdc++6|GPL-3.0-or-later WITH GCC-exception-3.1
gcc-*-base|GPL-3.0-or-later WITH GCC-exception-3.1
libgnutls30*|LGPL-2.1-or-later
libtasn1-6|LGPL-2.1-or-later
libidn2-0|LGPL-3.0-or-later OR GPL-2.0-or-later
libmariadb3|LGPL-2.1-or-later
libpcre2-8-0|BSD-3-Clause WITH PCRE2-exception
libsqlite3-0|blessing
libbz2-1.0|bzip2-1.0.6
libuuid1|BSD-3-Clause
librtmp1|LGPL-2.1-or-later
libkrb5*|MIT
libk5crypto3|MIT
libgssapi-krb5-2|MIT
python3-jinja2|BSD-3-Clause
python3-markupsafe|BSD-3-Clause
libpython3*|PSF-2.0
python3*|PSF-2.0'

copyright_of() { # package
	for f in "$root/usr/share/doc/$1/copyright" "$root/usr/share/doc/$1/copyright.gz"; do
		[ ! -f "$f" ] || { case $f in *.gz) gzip -dc "$f" ;; *) cat "$f" ;; esac; return; }
	done
}
version_of() { # package
	if [ "$root" ]; then
		sed -n 's/^Version: //p' "$root/var/lib/dpkg/status.d/$1"
	else
		dpkg-query -W -f '${Version}\n' "$1" | head -n 1
	fi
}
by_hand() { # package
	echo "$table" | while IFS='|' read -r pattern licence; do
		# shellcheck disable=SC2254
		case $1 in $pattern) echo "$licence"; break ;; esac
	done
}
# Debian's short names as SPDX's: "GPL-2+ or LGPL-3+" is "GPL-2.0-or-later OR LGPL-3.0-or-later".
spdx() {
	awk '
	function one(n, s, e) {
		if (match(n, / with /)) { e = substr(n, RSTART); n = substr(n, 1, RSTART - 1) }
		s = n
		if (s ~ /^(GPL|LGPL|AGPL)-[0-9.]+\+?$/) {
			later = s ~ /\+$/; sub(/\+$/, "", s)
			if (s !~ /\.[0-9]+$/) s = s ".0"
			s = s (later ? "-or-later" : "-only")
		} else if (tolower(n) in known) s = known[tolower(n)]
		else s = "LicenseRef-Debian-" n
		if (e != "") s = "LicenseRef-Debian-" n e
		gsub(/[^A-Za-z0-9.-]+/, "-", s)
		return s
	}
	BEGIN {
		split("expat MIT mit MIT mit/x11 X11-distribute-modifications-variant x11 X11 bsd-2-clause BSD-2-Clause bsd-3-clause BSD-3-Clause bsd3 BSD-3-Clause bsd-4-clause BSD-4-Clause " \
		      "apache-2.0 Apache-2.0 zlib Zlib curl curl isc ISC openldap-2.8 OLDAP-2.8 psf-2 PSF-2.0 mpl-2.0 MPL-2.0", w, " ")
		for (i = 1; i in w; i += 2) known[w[i]] = w[i + 1]
	}
	{
		n = split($0, part, /,? +(or|and) +/); rest = $0; out = ""
		for (i = 1; i <= n; i++) {
			out = out one(part[i])
			rest = substr(rest, length(part[i]) + 1)
			if (i < n && match(rest, /^,? +(or|and) +/)) {
				out = out (substr(rest, RSTART, RLENGTH) ~ /or/ ? " OR " : " AND ")
				rest = substr(rest, RLENGTH + 1)
			}
		}
		print out
	}'
}
licence_of() { # package, its copyright file
	licence=$(by_hand "$1")
	[ "$licence" ] || licence=$(awk '/^Files: *\*( |$)/ { on = 1 } on && /^License:/ { sub(/^License: */, ""); print; exit } /^$/ { on = 0 }' "$2" | spdx)
	echo "${licence:-NOASSERTION}"
}
quoted() { printf '%s' "$1" | sed 's/\\/\\\\/g; s/"/\\"/g'; }
id() { printf 'SPDXRef-%s' "$(printf '%s' "$1" | tr -c 'A-Za-z0-9.-' -)"; }

arch=$(dpkg --print-architecture)
# shellcheck disable=SC1091
distro=$(. "$root/etc/os-release" 2>/dev/null || . /etc/os-release; echo "debian-${VERSION_ID:-0}")
: >"$tmp/packages"
: >"$tmp/relations"
while read -r p; do
	copyright_of "$p" >"$tmp/copyright" || :
	v=$(version_of "$p") licence=$(licence_of "$p" "$tmp/copyright")
	all=$(sed -n 's/^License: *//p' "$tmp/copyright" | sort -u | paste -sd, - | sed 's/,/, /g')
	printf ',\n{"SPDXID":"%s","name":"%s","versionInfo":"%s","supplier":"Organization: Debian","downloadLocation":"NOASSERTION","filesAnalyzed":false,"licenseDeclared":"%s","licenseConcluded":"NOASSERTION","copyrightText":"NOASSERTION",' \
		"$(id "$p")" "$p" "$v" "$licence"
	[ -z "$all" ] || printf '"licenseComments":"%s",' "$(quoted "Debian's copyright file names: $all")"
	printf '"externalRefs":[{"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"pkg:deb/debian/%s@%s?arch=%s&distro=%s"}]}' \
		"$(echo "$p" | sed 's/+/%2B/g')" "$(echo "$v" | sed 's/+/%2B/g; s/:/%3A/g; s/~/%7E/g')" "$arch" "$distro"
	printf ',\n{"spdxElementId":"SPDXRef-tarn","relationshipType":"DEPENDS_ON","relatedSpdxElement":"%s"}' "$(id "$p")" >>"$tmp/relations"
done >"$tmp/packages"

made=$(date -u -d "@${SOURCE_DATE_EPOCH:-0}" +%Y-%m-%dT%H:%M:%SZ)
printf '{"spdxVersion":"SPDX-2.3","dataLicense":"CC0-1.0","SPDXID":"SPDXRef-DOCUMENT","name":"%s-%s","documentNamespace":"urn:tarn:%s:%s:%s",' "$name" "$version" "$name" "$version" "$arch"
printf '"creationInfo":{"created":"%s","creators":["Tool: make dist"]},"packages":[\n' "$made"
none='"downloadLocation":"NOASSERTION","filesAnalyzed":false,"licenseConcluded":"NOASSERTION","copyrightText":"NOASSERTION"'
printf '{"SPDXID":"SPDXRef-tarn","name":"tarn","versionInfo":"%s","licenseDeclared":"MIT",%s}' "$version" "$none"
printf ',\n{"SPDXID":"SPDXRef-preact-htm","name":"preact and htm (in the console)","versionInfo":"%s","licenseDeclared":"MIT AND Apache-2.0",%s}' \
	"$(sed -n '1s/.* is \(htm [0-9.]*\).*/\1/p' "$here/../console/www/vendor/LICENSES.txt")" "$none"
cat "$tmp/packages"
printf '\n],"relationships":[\n{"spdxElementId":"SPDXRef-DOCUMENT","relationshipType":"DESCRIBES","relatedSpdxElement":"SPDXRef-tarn"},\n'
printf '{"spdxElementId":"SPDXRef-tarn","relationshipType":"CONTAINS","relatedSpdxElement":"SPDXRef-preact-htm"}'
cat "$tmp/relations"
printf '\n],"hasExtractedLicensingInfos":['
comma=
for ref in $(grep -o 'LicenseRef-[A-Za-z0-9.-]*' "$tmp/packages" | sort -u); do
	printf '%s\n{"licenseId":"%s","extractedText":"see /usr/share/doc/*/copyright of the packages with this licence"}' "$comma" "$ref"
	comma=,
done
printf '\n]}\n'
