#!/bin/sh
# Runs every test of one build folder ($1), or with "clients" as $2 those that use what `make clients` installed, as many at a time as there are processors, and prints one line a test, then
# which took longest, and "N passed, N failed, N skipped". A test is a unit or fuzz binary, a client test or a scenario, with ports and folders of its
# own; exit 77 or a first line "SKIP" means skipped.
set -u

one() { # name, command...: runs it; what there is to say of it comes out in one piece
	name=$1; shift
	log=$out/$(echo "$name" | tr / _)
	began=$(date +%s)
	timeout -k 10 "${TEST_SECONDS:-300}" "$@" >"$log" 2>&1 </dev/null
	code=$?
	passed=$(grep -cE '^ok ' "$log"); failed=$(grep -cE '^not ok ' "$log")
	checks=$(sed -n 's/^[0-9]*%: Checks: \([0-9]*\), Failures: \([0-9]*\), Errors: \([0-9]*\)$/\1 \2 \3/p' "$log" |
		awk '{c+=$1; f+=$2+$3} END {if (NR) print c-f, f}')
	if [ -n "$checks" ]; then passed=${checks% *}; failed=${checks#* }; fi
	skipped=$(grep -cE '^(SKIP|ok .*# SKIP)' "$log")
	if [ "$code" != 0 ] && [ "$failed" = 0 ]; then failed=1; fi
	if [ "$code" = 77 ]; then
		passed=0 failed=0 skipped=1
		echo "skip $name: $(head -n 1 "$log")"
	elif [ "$failed" = 0 ]; then
		[ "$passed" = 0 ] && passed=1
		echo "ok   $name ($passed)"
	else
		echo "FAIL $name (exit $code)"; tail -n 60 "$log" | sed 's/^/     /'
	fi >"$log.said"
	[ "$code" = 77 ] || grep -E '^(SKIP|ok .*# SKIP)' "$log" | sed 's/^/     /' >>"$log.said"
	echo "$passed $failed $skipped" >"$log.sum"
	echo "$(($(date +%s) - began)) $name" >"$log.took"
	flock "$out" cat "$log.said"
}

if [ "${1-}" = one ]; then # xargs, below
	shift
	one "$@"
	exit 0
fi

B=${1:-build}
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
case "$B" in /*) ;; *) B=$root/$B ;; esac
export TARN=$B/tarn TARN_SHARED=${TARN_SHARED:-$root/../shared} PATH=/usr/bin:/bin:$PATH
out=$(mktemp -d)
export out
trap 'rm -rf "$out"' EXIT
# Client tests take longest, so they go first. What is run are the sources there are, not what an old build left.
if [ "${2-}" = clients ]; then
	# Those written for other registries' programs; and Debian's Python clients again in their newest versions.
	grep -lE 'registry\(|TARN_CLIENTS|TARN_NODE_MODULES' tests/clients/test_* tests/console/test_* | LC_ALL=C sort | sed 's,.*,& &,'
	[ ! -e "$TARN_CLIENTS/py/.made-of" ] ||
		grep -lE 'need\(|boto3|\.aws\(' tests/clients/test_*.py | LC_ALL=C sort | sed "s,.*,newest:& $TARN_CLIENTS/py/bin/python &,"
else
	find tests -name 'test_*.sh' -o -name 'test_*.py' | LC_ALL=C sort | sed 's,.*,& &,'
	find scenarios -name '*.tarn' | LC_ALL=C sort | sed "s,.*,& $TARN run &,"
	find tests -name 'test_*.c' | LC_ALL=C sort | sed "s,\(.*\)\.c$,\1 $B/\1,"
	find tests/fuzz -name 'fuzz_*.c' | LC_ALL=C sort | sed "s,tests/fuzz/fuzz_\(.*\)\.c$,fuzz/\1 $B/tests/fuzz/fuzz_\1 tests/fuzz/corpus/\1,"
fi | xargs -P"$(nproc)" -L1 sh tests/run.sh one
echo "longest, in seconds: $(sort -rn "$out"/*.took | head -n 8 | tr '\n' ';' | sed 's/;$//; s/;/, /g')"
cat "$out"/*.sum | awk '{p+=$1; f+=$2; s+=$3} END {printf "%d passed, %d failed, %d skipped\n", p, f, s; exit f > 0 || p == 0}'
