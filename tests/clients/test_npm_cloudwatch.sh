#!/bin/sh
# The AWS SDK for JavaScript on CloudWatch. TARN_NODE_MODULES: a node_modules folder with its @aws-sdk clients (make clients).
cd "$(dirname "$0")/../.." || exit 1
TARN=${TARN:-build/tarn}
[ -d "${TARN_NODE_MODULES:-/nonexistent}/@aws-sdk/client-cloudwatch" ] && command -v node >/dev/null ||
	{ echo "SKIP: node or @aws-sdk/client-cloudwatch below TARN_NODE_MODULES is missing (make clients)"; exit 77; }
tmp=$(mktemp -d)
"$TARN" up --only aws --ports=auto --data "$tmp/data" --endpoints-file "$tmp/ends.json" >/dev/null 2>&1 &
pid=$!
trap 'kill $pid 2>/dev/null; wait $pid 2>/dev/null; rm -rf "$tmp"' EXIT
while [ ! -s "$tmp/ends.json" ]; do kill -0 $pid || exit 1; done
ENDPOINT=$(sed -n 's/.*"aws": *"\([^"]*\)".*/\1/p' "$tmp/ends.json")
export ENDPOINT
node tests/clients/cloudwatch_sdk.mjs
