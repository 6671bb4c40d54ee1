#!/bin/sh
# Prints which tarn this tree is, as "VERSION SECONDS": the version, and when it was last changed, which every file of a package is
# dated by. Of these the first that is there:
#   TARN_VERSION     of the environment ("0.2.0", with "0.2.0 SECONDS" the time as well), for builds that have neither of the next
#   packages/VERSION of a source tarball, written by make dist
#   git's tags       v0.2.0 is 0.2.0, twelve commits later 0.2.0+12.gc0ffee1
#   help/changes.txt its newest heading, as what comes before that release: 0.2.0~dev
set -eu
cd "$(dirname "$0")/../.."
seconds=${SOURCE_DATE_EPOCH:-0}
git_seconds() { git log -1 --format=%ct 2>/dev/null || echo 0; }
ours() { [ -z "$(git rev-parse --show-prefix 2>/dev/null || echo none)" ]; } # not a repository around an unpacked tarball
if [ "${TARN_VERSION:-}" ]; then
	version=${TARN_VERSION%% *}
	[ "$version" = "$TARN_VERSION" ] || seconds=${SOURCE_DATE_EPOCH:-${TARN_VERSION##* }}
elif [ -f emulators/packages/VERSION ]; then
	read -r version stated <emulators/packages/VERSION
	seconds=${SOURCE_DATE_EPOCH:-$stated}
else
	if tag=$(ours && git describe --tags --match 'v[0-9]*' 2>/dev/null); then
		version=$(echo "${tag#v}" | sed 's/-\([0-9]*\)-\(g[0-9a-f]*\)$/+\1.\2/')
	else
		version=$(sed -n 's/^\([0-9][0-9.]*\)\(,.*\)*$/\1~dev/p' emulators/tarn/help/changes.txt | head -n 1)
	fi
	! ours || seconds=${SOURCE_DATE_EPOCH:-$(git_seconds)}
fi
expr "$version" : '[0-9][0-9A-Za-z.+~]*$' >/dev/null || { echo "version.sh: no version: $version" >&2; exit 1; }
echo "$version $seconds"
