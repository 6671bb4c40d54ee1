#!/bin/sh
# Runs every test of one build folder ($1) and prints one line a test, then "N passed, N failed, N skipped".
# A test is a unit or fuzz binary, a client test or a scenario; exit 77 or a first line "SKIP" means skipped.
set -u
B=${1:-build}
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
case "$B" in /*) ;; *) B=$root/$B ;; esac
export TARN=$B/tarn TARN_SHARED=${TARN_SHARED:-$root/../shared} PATH=/usr/bin:/bin:$PATH
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

one() { # name, command...
	name=$1; shift
	log=$out/$(echo "$name" | tr / _).log
	timeout 300 "$@" >"$log" 2>&1 </dev/null
	code=$?
	passed=$(grep -cE '^ok ' "$log"); failed=$(grep -cE '^not ok ' "$log")
	checks=$(sed -n 's/^[0-9]*%: Checks: \([0-9]*\), Failures: \([0-9]*\), Errors: \([0-9]*\)$/\1 \2 \3/p' "$log" |
		awk '{c+=$1; f+=$2+$3} END {if (NR) print c-f, f}')
	if [ -n "$checks" ]; then passed=${checks% *}; failed=${checks#* }; fi
	skipped=$(grep -cE '^(SKIP|ok .*# SKIP)' "$log")
	if [ "$code" = 77 ]; then
		echo "skip $name: $(head -n 1 "$log")"; echo "0 0 1" >>"$out/sum"; return
	fi
	if [ "$code" != 0 ] && [ "$failed" = 0 ]; then failed=1; fi
	if [ "$code" = 0 ] && [ "$failed" = 0 ]; then
		[ "$passed" = 0 ] && passed=1
		echo "ok   $name ($passed)"
	else
		echo "FAIL $name (exit $code)"; tail -n 60 "$log" | sed 's/^/     /'
	fi
	grep -E '^(SKIP|ok .*# SKIP)' "$log" | sed 's/^/     /'
	echo "$passed $failed $skipped" >>"$out/sum"
}

: >"$out/sum"
{
	for t in $(find tests -name 'test_*.c' | sed "s,^,$B/,; s,\.c$,," | LC_ALL=C sort); do
		echo "one ${t#$B/} $t"
	done
	for t in $(find tests/fuzz -name 'fuzz_*.c' | sed "s,^,$B/,; s,\.c$,," | LC_ALL=C sort); do
		name=$(basename "$t" | sed s/^fuzz_//)
		echo "one fuzz/$name $t tests/fuzz/corpus/$name"
	done
	for t in $(find tests -name 'test_*.sh' -o -name 'test_*.py' | LC_ALL=C sort); do
		echo "one $t $t"
	done
	for t in $(find scenarios -name '*.tarn' | LC_ALL=C sort); do
		echo "one $t $TARN run $t"
	done
} >"$out/list"
# Two at a time: each test uses ports and folders of its own.
half=0
while read -r line; do
	half=$((1 - half))
	echo "$line" >>"$out/list.$half"
done <"$out/list"
touch "$out/list.0" "$out/list.1"
(while read -r line; do eval "$line"; done <"$out/list.1") &
while read -r line; do eval "$line"; done <"$out/list.0"
wait
awk '{p+=$1; f+=$2; s+=$3} END {printf "%d passed, %d failed, %d skipped\n", p, f, s; exit f > 0 || p == 0}' "$out/sum"
