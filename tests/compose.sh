#!/bin/sh
# The compose file, tried: builds the image, starts one container an emulator, sends posts through the published ports and
# asks the lake. Needs docker compose, or podman with podman-compose; says why when it skips.
set -eu
cd "$(dirname "$0")/.."
TARN=${TARN:-build/tarn}
skip() { echo "SKIP: $1"; exit 0; }
if docker compose version >/dev/null 2>&1 && docker info >/dev/null 2>&1; then
	compose="docker compose" engine=docker
	[ "${NO_BUILD:-}" ] || docker build -q -t tarn -f emulators/Dockerfile . >/dev/null
	health() { docker inspect -f '{{.State.Health.Status}}' "$($compose ps -q "$1")"; }
elif command -v podman >/dev/null && command -v podman-compose >/dev/null; then
	compose=podman-compose engine=podman
	podman image exists docker.io/library/debian:bookworm-slim || podman pull -q docker.io/library/debian:bookworm-slim ||
		skip "no debian:bookworm-slim image and no registry"
	[ "${NO_BUILD:-}" ] || podman build -q --network=host -t tarn -f emulators/Dockerfile . >/dev/null
	health() { podman healthcheck run "$(podman ps -q -f "label=com.docker.compose.service=$1")" >/dev/null && echo healthy; }
else
	skip "neither docker compose nor podman with podman-compose is here"
fi
tmp=$(mktemp -d)
trap '$compose down -v >/dev/null 2>&1 || true; rm -rf "$tmp"' EXIT
$engine run --rm -u "$(id -u)" -v "$tmp:/w" tarn init /w/mine --user 12471ce1b695 >/dev/null || true
init=$(grep -c "^user = 12471ce1b695" "$tmp/mine/stack.conf" || true)
$compose up -d >"$tmp/up.log" 2>&1 || { cat "$tmp/up.log"; exit 1; }
n=0
failed=0
check() { # name, got, want
	n=$((n + 1))
	if [ "$2" = "$3" ]; then echo "ok $n - $1"; else echo "not ok $n - $1: got $2, want $3"; failed=1; fi
}
check "the image writes a stack folder" "$init" 1
for service in rds kafka kinesis s3 rest connect apigateway lake airflow; do
	tries=0
	while [ "$(health $service || true)" != healthy ] && [ $tries -lt 600 ]; do tries=$((tries + 1)); done
	check "$service is healthy" "$(health $service || true)" healthy
done
cat >"$tmp/ends.json" <<'JSON'
{"rds": "127.0.0.1:3306", "kafka": "localhost:9092", "rest": "http://127.0.0.1:8082", "connect": "http://127.0.0.1:8083",
 "apigateway": "http://127.0.0.1:4570", "aws": "http://127.0.0.1:4566", "lake": "http://127.0.0.1:4580", "control": "http://127.0.0.1:4580",
 "airflow": "http://127.0.0.1:8080"}
JSON
export TARN_ENDPOINTS="$tmp/ends.json"
"$TARN" emit pinterest --count 20 || failed=1
check "kcat on the host reads the topic" "$(kcat -C -b localhost:9092 -t 0affea73130b.pin -o beginning -e -q | wc -l)" 20
rows=
tries=0
while [ "$rows" != "20 20 20" ] && [ $tries -lt 200 ]; do
	"$TARN" clean >/dev/null 2>&1
	rows=$("$TARN" sql --csv 'SELECT (SELECT COUNT(*) FROM pin), (SELECT COUNT(*) FROM geo), (SELECT COUNT(*) FROM users)' | tail -n 1 | tr ',' ' ' | tr -d '\r')
	tries=$((tries + 1))
done
check "every post is in the lake" "$rows" "20 20 20"
cat >"$tmp/seen.py" <<'PY'
from datetime import datetime
from airflow import DAG
from airflow.operators.bash import BashOperator
with DAG("seen_in_the_container", start_date=datetime(2026, 1, 1), schedule=None):
    BashOperator(task_id="one", bash_command="echo {{ ds }}")
PY
AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1 \
	aws --endpoint-url http://127.0.0.1:4566 s3 cp "$tmp/seen.py" s3://mwaa-dags-bucket/dags/seen.py >/dev/null || failed=1
dag=
tries=0
while [ "$dag" != 1 ] && [ $tries -lt 200 ]; do
	dag=$("$TARN" dag list 2>/dev/null | grep -c seen_in_the_container)
	tries=$((tries + 1))
done
check "the image's airflow reads a DAG" "$dag" 1
"$TARN" emit pinterest --via kinesis --count 3 || failed=1
at_aws() { AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1 aws --endpoint-url http://127.0.0.1:4566 "$@"; }
check "the one AWS endpoint knows them, too" "$(at_aws kinesis list-streams --query 'length(StreamNames)')" 3
check "and API Gateway" "$(at_aws apigateway get-rest-apis --query 'length(items)')" 2
check "and MWAA" "$(curl -s -H 'Host: api.127.0.0.1:4566' http://127.0.0.1:4566/environments)" '{"Environments":["Databricks-Airflow-env"]}'
streams=$(curl -s http://127.0.0.1:4570/prod/streams | grep -o 'streaming-0affea73130b-[a-z]*"' | sort -u | wc -l)
check "the gateway reaches kinesis" "$streams" 3
for q in pin geo user; do "$TARN" stream start $q initialPosition=trim_horizon >/dev/null || failed=1; done
rows=
tries=0
while [ "$rows" != "3 3 3" ] && [ $tries -lt 200 ]; do
	rows=$("$TARN" sql --csv 'SELECT (SELECT COUNT(*) FROM `0affea73130b_pin_table`), (SELECT COUNT(*) FROM `0affea73130b_geo_table`), (SELECT COUNT(*) FROM `0affea73130b_user_table`)' 2>/dev/null | tail -n 1 | tr ',' ' ' | tr -d '\r')
	tries=$((tries + 1))
done
check "the streams are cleaned into Delta tables" "$rows" "3 3 3"
$compose restart connect >/dev/null 2>&1
"$TARN" emit pinterest --count 5 || failed=1
tries=0
while [ "$rows" != "25 25 25" ] && [ $tries -lt 200 ]; do
	"$TARN" clean >/dev/null 2>&1
	rows=$("$TARN" sql --csv 'SELECT (SELECT COUNT(*) FROM pin), (SELECT COUNT(*) FROM geo), (SELECT COUNT(*) FROM users)' | tail -n 1 | tr ',' ' ' | tr -d '\r')
	tries=$((tries + 1))
done
check "after a restart of connect, none twice, none lost" "$rows" "25 25 25"
echo "1..$n"
exit $failed
