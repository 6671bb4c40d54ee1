#!/bin/sh
# The batch path's notebook on the stack beside the same cells on PySpark: time and memory of the whole process. SPARK_PYTHON: a python that
# has PySpark (build/clients/spark/bin/python, where make clients puts it); without one our side runs alone. POSTS (11000).
set -eu
cd "$(dirname "$0")/../.."
TARN=$(realpath "${TARN:-build/tarn}")
SPARK_PYTHON=${SPARK_PYTHON:-$(dirname "$TARN")/clients/spark/bin/python}
if [ ! -x "$SPARK_PYTHON" ] || ! command -v java >/dev/null; then SPARK_PYTHON=; fi
export TARN SPARK_PYTHON
exec /usr/bin/python3 tests/bench/notebook.py
