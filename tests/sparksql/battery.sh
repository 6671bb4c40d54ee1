#!/bin/sh
# Builds what answers the battery and compares: tests/sparksql/battery.sh [--lake] [-v] [FILE|GROUP|GROUP.]... (see test_battery.py)
# --lake: in sessions of a running lake, with Delta tables; else through the library alone.
cd "$(dirname "$0")/../.." || exit 2
export TARN=$PWD/${B:-build}/tarn
if [ "${1-}" = --lake ]; then
	shift
	make -s "$TARN" && exec python3 tests/clients/test_sparksql.py "$@"
fi
make -s "${B:-build}/tests/sparksql/ask" && exec python3 tests/sparksql/test_battery.py "$@"
