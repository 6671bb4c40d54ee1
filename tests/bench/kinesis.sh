#!/bin/sh
# Kinesis beside two of npm: PutRecord of 1 KB, PutRecords of 500 x 1 KB, GetRecords; start-up; memory after 200,000 records.
# Rounds of the three alternate, numbers are medians. Exit code 1 when a goal is missed.
#   ROUNDS (3), SECONDS_EACH (2), TARN (build/tarn), TARN_NODE_MODULES: where the peers are (build/npm/node_modules)
set -eu
TARN=$(realpath "${TARN:-build/tarn}")
SECONDS_EACH=${SECONDS_EACH:-2}
ROUNDS=${ROUNDS:-3}
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
pids=
stop() { for p in $pids; do kill "$p" 2>/dev/null || true; done; pids=; wait 2>/dev/null || true; }
trap 'stop; rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
PEERS=
for d in "${TARN_NODE_MODULES:-}" build/npm/node_modules; do
	[ -z "$PEERS" ] && [ -n "$d" ] && [ -d "$d/kinesalite" ] && [ -d "$d/kinesis-local" ] && PEERS=$(cd "$d" && pwd)
done
command -v node >/dev/null && [ -n "$PEERS" ] || {
	echo "kinesis beside its peers: SKIP: needs node and npm's kinesalite and kinesis-local: make bench-peers, or TARN_NODE_MODULES"
	exit 0
}
AMZ_DATE=$(date -u +%Y%m%dT%H%M%SZ)
export AMZ_DATE
free_port() { /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
median() { cut -d' ' -f"$1" "$2" | sort -n | awk '{v[NR]=$1} END {print v[int((NR+1)/2)]}'; }
rss() { awk '/^VmRSS/ {printf "%.0f\n", $2/1024}' "/proc/$1/status"; }
call() { # url, action, body
	curl -sk -X POST "$1/" -H "Content-Type: application/x-amz-json-1.1" -H "X-Amz-Target: Kinesis_20131202.$2" -H "X-Amz-Date: $AMZ_DATE" \
		-H "Authorization: AWS4-HMAC-SHA256 Credential=test/$(echo "$AMZ_DATE" | cut -c1-8)/us-east-1/kinesis/aws4_request, SignedHeaders=host;x-amz-date, Signature=$(printf '0%.0s' $(seq 64))" -d "$3"
}
up() { # directory, port or file, command...; leaves its line in $tmp/up
	(cd "$1" && shift && /usr/bin/python3 "$here/kinesis_up.py" "$@" >"$tmp/up")
}
start() { # name; leaves url and pid
	port=$(free_port)
	case $1 in
	tarn)
		rm -rf "$tmp/state" "$tmp/ends.json"
		up . "$tmp/ends.json" "$TARN" up --only kinesis --ports=auto --data "$tmp/state" --endpoints-file "$tmp/ends.json" ;;
	kinesalite)
		rm -rf "$tmp/level"
		up . "$port" node "$PEERS/kinesalite/cli.js" --port "$port" --path "$tmp/level" --createStreamMs 0 --shardLimit 100 ;;
	kinesis-local) # it reads a file beside its program
		tls=$(free_port)
		up "$PEERS/kinesis-local" "$port" env "KINESIS_MOCK_PLAIN_PORT=$port" "KINESIS_MOCK_TLS_PORT=$tls" CREATE_STREAM_DURATION=0ms LOG_LEVEL=ERROR \
			node main.js ;;
	esac
	read -r ms pid url <"$tmp/up"
	pids="$pids $pid"
	echo "$ms" >>"$tmp/start.$1"
	call "$url" CreateStream '{"StreamName":"bench","ShardCount":1}' >/dev/null
	while ! call "$url" DescribeStream '{"StreamName":"bench"}' | grep -q ACTIVE; do :; done
}
down() { kill "$1"; while kill -0 "$1" 2>/dev/null; do :; done; }
load() { # action, body file, connections
	ACTION=$1 BODY=$2 wrk -t1 -c"$3" -d"${SECONDS_EACH}s" -s "$here/kinesis.lua" "$url" | sed -n 's/^RESULT //p' |
		awk '{printf "%.1f %d %d %d\n", $1*1e6/$2, $3, $4, $5}'
}

/usr/bin/python3 - "$tmp" <<'PY'
import base64, json, sys
data = base64.b64encode(b"x" * 1024).decode()
json.dump({"StreamName": "bench", "PartitionKey": "partition-1", "Data": data}, open(sys.argv[1] + "/one.json", "w"))
json.dump({"StreamName": "bench", "Records": [{"PartitionKey": f"k{i}", "Data": data} for i in range(500)]}, open(sys.argv[1] + "/many.json", "w"))
PY
names="tarn kinesalite kinesis-local"
i=0
while [ $i -lt "$ROUNDS" ]; do
	i=$((i + 1))
	for name in $names; do
		start "$name"
		load PutRecord "$tmp/one.json" 16 >>"$tmp/put.$name"
		load PutRecords "$tmp/many.json" 4 >>"$tmp/puts.$name"
		it=$(call "$url" GetShardIterator '{"StreamName":"bench","ShardId":"shardId-000000000000","ShardIteratorType":"TRIM_HORIZON"}' | sed -n 's/.*"ShardIterator":"\([^"]*\)".*/\1/p')
		printf '{"ShardIterator":"%s","Limit":100}' "$it" >"$tmp/get.json"
		load GetRecords "$tmp/get.json" 4 >>"$tmp/gets.$name"
		down "$pid"
	done
done
for name in $names; do # memory after 200,000 records of 1 KB
	start "$name"
	took=$(/usr/bin/python3 "$here/kinesis_fill.py" "$url" "$tmp/many.json" 400 40)
	[ "$took" = 400 ] || echo "$name: memory after $((took * 500)) records, which is what 40 s were enough for"
	rss "$pid" >>"$tmp/rss.$name"
	down "$pid"
done
missed=0
row() { # label, file, column, better (high or low), unit, goal
	ours=$(median "$3" "$tmp/$2.tarn"); a=$(median "$3" "$tmp/$2.kinesalite"); b=$(median "$3" "$tmp/$2.kinesis-local")
	ratio=$(awk -v o="$ours" -v a="$a" -v b="$b" -v w="$4" 'BEGIN {p = w == "high" ? (a > b ? a : b) : !b || (a && a < b) ? a : b; printf "%.1f", w == "high" ? o / p : p / (o ? o : 1)}')
	verdict=
	if [ -n "$6" ]; then
		if awk "BEGIN {exit !($ratio >= $6)}"; then verdict="goal >= $6: ok"; else verdict="goal >= $6: MISSED"; missed=1; fi
	fi
	printf '%-34s %9s %-6s kinesalite %9s  kinesis-local %9s  = better peer x %s  %s\n' "$1" "$ours" "$5" "$a" "$b" "$ratio" "$verdict"
}
row "PutRecord 1 KB" put 1 high req/s 10
row "  p50" put 2 low us ""
row "  p99" put 3 low us ""
row "PutRecords 500 x 1 KB" puts 1 high req/s 10
row "  p99" puts 3 low us ""
row "GetRecords, 100 of 1 KB" gets 1 high req/s 10
row "  p99" gets 3 low us ""
row "start-up" start 1 low ms 10
row "memory after 200,000 records" rss 1 low MiB 10
for name in $names; do
	bad=$(cat "$tmp"/put."$name" "$tmp"/puts."$name" "$tmp"/gets."$name" | awk '{s+=$4} END {print s}')
	[ "$bad" = 0 ] || echo "$name: $bad calls failed"
done
exit $missed
