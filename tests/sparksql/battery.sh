#!/bin/sh
# Builds what answers the battery and compares: tests/sparksql/battery.sh [-v] [FILE|GROUP|GROUP.]... (see test_battery.py)
cd "$(dirname "$0")/../.." || exit 2
make -s "${B:-build}/tests/sparksql/ask" || exit 2
TARN=$PWD/${B:-build}/tarn exec python3 tests/sparksql/test_battery.py "$@"
