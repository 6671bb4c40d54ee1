#!/bin/sh
# Mapping templates beside npm velocityjs: microseconds a render, the least of TIMES (5) turns of each, taken in turns; a
# neighbour on the machine adds time, none takes any away. Both sides have the template parsed before, as a deployed API
# has, and start each render from the request's body text and parameters: the body is read as JSON when the template asks
# for a part of it, $input and $util are helpers of the host language (vtl_velocityjs.js), and the output is text. Both
# must print the same. Exit code 1 when a template is less than 10 times as fast.
#   TARN_NODE_MODULES: where velocityjs is (build/npm/node_modules, build/bench-npm/node_modules)
set -eu
cd "$(dirname "$0")/../.."
TIMES=${TIMES:-5}
templates=tests/bench/vtl_templates.json
modules=
for d in "${TARN_NODE_MODULES:-}" build/npm/node_modules build/bench-npm/node_modules; do
	[ -z "$modules" ] && [ -n "$d" ] && [ -d "$d/velocityjs" ] && modules=$(cd "$d" && pwd)
done
command -v node >/dev/null && [ -n "$modules" ] || {
	echo "templates beside velocityjs: SKIP: needs node and npm's velocityjs: make clients, or TARN_NODE_MODULES"
	exit 0
}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
make --no-print-directory -j2 build/libtarn.a
${CC:-gcc} -O2 -std=gnu11 -D_GNU_SOURCE -Iemulators -o "$tmp/render" tests/bench/vtl_render.c build/libtarn.a \
	$(pkg-config --libs jansson libpcre2-8 nettle gnutls) -lm
tarn() { MS=$1 "$tmp/render" $templates; }
theirs() { MS=$1 NODE_PATH=$modules node tests/bench/vtl_velocityjs.js $templates; }
SHOW=1 tarn 0 | grep -v '^[a-z-]* [0-9.]*$' >"$tmp/a"
SHOW=1 theirs 0 | grep -v '^[a-z-]* [0-9.]*$' >"$tmp/b"
cmp -s "$tmp/a" "$tmp/b" || { echo "templates beside velocityjs: outputs differ"; diff "$tmp/a" "$tmp/b" || true; }
i=0
while [ $i -lt "$TIMES" ]; do
	tarn 100 >>"$tmp/ours"
	theirs 200 >>"$tmp/theirs"
	i=$((i + 1))
done
least() { awk -v id="$2" '$1 == id {print $2}' "$1" | sort -n | head -n 1; }
bad=0
for id in $(awk '!seen[$1]++ {print $1}' "$tmp/ours"); do
	awk -v id="$id" -v a="$(least "$tmp/ours" "$id")" -v b="$(least "$tmp/theirs" "$id")" 'BEGIN {
		printf "%-44s %9.3f us       beside velocityjs %9.3f us  x %5.1f  budget >= 10: %s\n", "template: " id, a, b, b / a,
			(b >= 10 * a ? "ok" : "MISSED"); exit (b < 10 * a)}' || bad=1
done
exit $bad
