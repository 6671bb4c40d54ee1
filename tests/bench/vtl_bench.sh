#!/bin/sh
# Mapping templates beside npm velocityjs, in turns; medians in microseconds a render. TIMES (3): turns.
set -eu
cd "$(dirname "$0")/../.."
TIMES=${TIMES:-3}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
make --no-print-directory -j2 build/libtarn.a
${CC:-gcc} -O2 -std=gnu11 -D_GNU_SOURCE -Iemulators -o "$tmp/render" tests/bench/vtl_render.c build/libtarn.a \
	$(pkg-config --libs jansson libpcre2-8 nettle gnutls) -lm
npm install --silent --prefix "$tmp" velocityjs@2.1.7 >/dev/null 2>&1 || echo "SKIP: no velocityjs from npm"
i=0
while [ $i -lt "$TIMES" ]; do
	"$tmp/render" tests/bench/vtl_templates.json >>"$tmp/ours"
	[ ! -d "$tmp/node_modules/velocityjs" ] ||
		NODE_PATH="$tmp/node_modules" node tests/bench/vtl_velocityjs.js tests/bench/vtl_templates.json >>"$tmp/theirs"
	i=$((i + 1))
done
touch "$tmp/theirs"
median() { awk -v id="$2" '$1 == id {print $2}' "$1" | sort -n | awk '{v[NR]=$1} END {print NR ? v[int((NR+1)/2)] : "-"}'; }
printf '%-14s %10s %12s %8s\n' template tarn velocityjs times
for id in $(awk '!seen[$1]++ {print $1}' "$tmp/ours"); do
	a=$(median "$tmp/ours" "$id") b=$(median "$tmp/theirs" "$id")
	printf '%-14s %10s %12s %8s\n' "$id" "$a" "$b" "$(awk "BEGIN {printf \"%.1f\", \"$b\" == \"-\" ? 0 : $b / $a}")"
done
