#!/bin/sh
# Makes emulators/console/www/vendor/ anew out of npm's packages, and says whether it is what it was: sh tests/console/vendor.sh
set -eu
cd "$(dirname "$0")/../../emulators/console/www/vendor"
new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT
(cd "$new" && npm init -y && npm install --no-audit --no-fund htm@3.1.1 preact@10.12.1) >/dev/null 2>&1
cp "$new/node_modules/htm/preact/standalone.mjs" preact-htm.mjs
{
	echo "preact-htm.mjs is htm 3.1.1 (htm/preact/standalone.mjs of npm), which holds Preact 10."
	printf '\nPreact:\n\n'
	cat "$new/node_modules/preact/LICENSE"
	printf '\nhtm:\n\n'
	cat "$new/node_modules/htm/LICENSE"
} >LICENSES.txt
sha256sum -c SHA256SUMS
