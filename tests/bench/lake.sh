#!/bin/sh
# Load, clean and all analysis questions for 11 thousand and a million posts beside DuckDB in the same run, one thread each, and
# the speed of Delta writing. BENCH_LARGE=1: five million, too (30 GB of disk for a while). TARN_NODE_MODULES: where
# @duckdb/node-api is (build/npm/node_modules, where make clients puts it); without it our side runs alone. ROUNDS (3); SIZES (posts).
set -eu
cd "$(dirname "$0")/../.."
TARN=${TARN:-build/tarn}
export TARN
TARN_NODE_MODULES=${TARN_NODE_MODULES:-$(dirname "$TARN")/npm/node_modules}
export TARN_NODE_MODULES
make --no-print-directory -s B="$(dirname "$TARN")" "$(dirname "$TARN")/tests/bench/lake_delta"
SIZES=${SIZES:-11000 1000000${BENCH_LARGE:+ 5000000}}
# shellcheck disable=SC2086
exec /usr/bin/python3 tests/bench/lake.py $SIZES
