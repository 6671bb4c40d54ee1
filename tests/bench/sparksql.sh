#!/bin/sh
# Twenty statements of Spark SQL at a million rows beside DuckDB on one thread in the same run: CPU and memory, answers compared. Arguments:
# names of statements, all without. TARN_NODE_MODULES: where @duckdb/node-api is (build/npm/node_modules, where make clients puts it);
# without it our side runs alone. ROUNDS (3), ROWS (1000000), VERBOSE.
set -eu
cd "$(dirname "$0")/../.."
TARN=${TARN:-build/tarn}
TARN_NODE_MODULES=${TARN_NODE_MODULES:-$(dirname "$TARN")/npm/node_modules}
export TARN_NODE_MODULES
make --no-print-directory -s B="$(dirname "$TARN")" "$(dirname "$TARN")/tests/bench/sparksql_run"
SPARKSQL_RUN=$(dirname "$TARN")/tests/bench/sparksql_run
export SPARKSQL_RUN
exec /usr/bin/python3 tests/bench/sparksql.py "$@"
