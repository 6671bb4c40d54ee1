#!/usr/bin/env bash
# Starts the emulation as it is started on the client machine, in a folder of its own, with its output in a file.
set -e
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 "$here/streaming_records.py" > one.log 2>&1 &
env PYTHONUNBUFFERED=1 python3 "$here/posting_urllib.py" > two.log 2>&1 &
wait %1 && wait %2
cat one.log two.log | grep -c 200
