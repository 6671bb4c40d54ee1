#!/bin/sh
# Start-up, memory, size, requests a second and CPU a request beside nginx, and posts a second down the whole batch path.
# Every ratio is of medians of interleaved runs on this machine; a missed budget makes the exit code 1.
set -eu
TARN=${TARN:-build/tarn}
SECONDS_EACH=${SECONDS_EACH:-2}
ROUNDS=${ROUNDS:-3}
here=$(dirname "$0")
tmp=$(mktemp -d)
missed=0
pids=
stop() { for p in $pids; do kill "$p" 2>/dev/null || true; done; pids=; wait 2>/dev/null || true; }
trap 'stop; rm -rf "$tmp"' EXIT

field() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" "$tmp/$2.json"; }
median() { sort -n | awk '{v[NR]=$1} END {print v[int((NR+1)/2)]}'; }
budget() { # what, value, operator, limit, unit
	if awk "BEGIN {exit !($2 $3 $4)}"; then verdict=ok; else verdict=MISSED; missed=1; fi
	printf '%-46s %10s %-8s budget %s %s  %s\n' "$1" "$2" "$5" "$3" "$4" "$verdict"
}
cpu_us() { awk -v t="$(getconf CLK_TCK)" '{print ($14+$15)*1000000/t}' "/proc/$1/stat"; }
rss_kib() { awk '/^VmRSS/ {print $2}' "/proc/$1/status"; }

up() { # name, arguments...
	name=$1; shift
	rm -f "$tmp/$name.json"
	"$TARN" up --ports=auto --data "$tmp/$name" --endpoints-file "$tmp/$name.json" "$@" >"$tmp/$name.out" 2>&1 &
	last=$!
	pids="$pids $last"
	while [ ! -s "$tmp/$name.json" ]; do kill -0 "$last"; done
}

# ---- peer: nginx, one worker, a fixed answer ----
port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$tmp/nginx.conf" <<CONF
worker_processes 1; daemon off; pid $tmp/nginx.pid; error_log $tmp/nginx.log;
events { worker_connections 256; }
http { access_log off; client_body_temp_path $tmp/b; proxy_temp_path $tmp/p; fastcgi_temp_path $tmp/f; uwsgi_temp_path $tmp/u;
scgi_temp_path $tmp/s; keepalive_requests 100000000; server { listen 127.0.0.1:$port; location / { return 200 "ok"; } } }
CONF
nginx -c "$tmp/nginx.conf" 2>/dev/null &
pids="$pids $!"
while [ ! -s "$tmp/nginx.pid" ]; do :; done
nginx_worker=$(pgrep -P "$(cat "$tmp/nginx.pid")" | head -n 1)

# ---- start-up, memory, size ----
echo "tarn bench: $ROUNDS rounds of ${SECONDS_EACH}s, $(nproc) cores"
i=0
while [ $i -lt 9 ]; do
	i=$((i + 1))
	up "start$i"
	sed -n 's/.*ready in \([0-9]*\) ms.*/\1/p' "$tmp/start$i.out" >>"$tmp/starts"
	rss_kib "$last" >>"$tmp/rss"
	kill "$last"; wait "$last" 2>/dev/null || true
done
budget "all services ready after tarn up" "$(median <"$tmp/starts")" "<=" 50 ms
budget "idle resident memory, all services" "$(median <"$tmp/rss" | awk '{printf "%.1f", $1/1024}')" "<=" 16 MiB
printf '%-46s %10s MiB\n' "  beside: nginx, master and one worker" \
	"$( (rss_kib "$(cat "$tmp/nginx.pid")"; rss_kib "$nginx_worker") | awk '{s+=$1} END {printf "%.1f", s/1024}')"
strip -o "$tmp/stripped" "$TARN"
budget "stripped binary" "$(stat -c %s "$tmp/stripped" | awk '{printf "%.2f", $1/1048576}')" "<=" 5 MiB

# ---- requests a second and CPU a request, beside nginx ----
cat >"$tmp/pin.json" <<'JSON'
{"records": [{"value": {"index": 5730, "unique_id": "1e1f0c8b-9fcf-460b-9154-c775827206eb", "title": "A printable money calendar", "description": "A short guide to the printable money calendar: what you need, what it costs and what we would do again.", "poster_name": "Owen Zimmerman", "follower_count": "182", "tag_list": "Grocery List,Simple Pension Note,Money Calendar,Budget Sheet", "is_image_or_video": "image", "image_src": "https://i.pinimg.com/originals/fe/5c/72/fe5c720468c0fc242bc6ca30f3215573.jpg", "downloaded": 1, "save_location": "Local save in /data/finance", "category": "finance"}}]}
JSON
printf '{"index":5730,"category":"finance"}\n' >"$tmp/object.json"
load() { # url, target, method, type, body
	METHOD=$3 TARGET=$2 TYPE=$4 BODY=$5 wrk -t1 -c16 -d"${SECONDS_EACH}s" -s "$here/post.lua" "$1" | sed -n 's/^RESULT //p'
}
measure() { # name, pid, url, target, method, type, body
	before=$(cpu_us "$2"); r=$(load "$3" "$4" "$5" "$6" "$7"); after=$(cpu_us "$2")
	echo "$r" | awk -v a="$after" -v b="$before" '{printf "%.0f %.1f %d %d %d\n", $1*1e6/$2, (a-b)/$1, $3, $4, $5}' >>"$tmp/m.$1"
}
show() { # name, label
	rate=$(cut -d' ' -f1 "$tmp/m.$1" | median); us=$(cut -d' ' -f2 "$tmp/m.$1" | median)
	p50=$(cut -d' ' -f3 "$tmp/m.$1" | median); p99=$(cut -d' ' -f4 "$tmp/m.$1" | median); bad=$(awk '{s+=$5} END {print s}' "$tmp/m.$1")
	awk -v n="$2" -v r="$rate" -v u="$us" -v a="$p50" -v b="$p99" -v e="$bad" -v nr="$nginx_rate" -v nu="$nginx_us" \
		'BEGIN {printf "%-46s %8d req/s %6.1f us CPU  p50 %5d us  p99 %6d us  = nginx x %.2f, CPU x %.1f%s\n", n, r, u, a, b, r/nr, u/nu, e ? "  " e " FAILED" : ""}'
	[ "$bad" = 0 ] || missed=1
}
up kafka --only kafka,rest,apigateway; kafka_pid=$last
up s3 --only s3; s3_pid=$last
topic=0affea73130b.pin
i=0
while [ $i -lt "$ROUNDS" ]; do
	i=$((i + 1))
	measure nginx "$nginx_worker" "http://127.0.0.1:$port" / GET text/plain /dev/null
	measure rest "$kafka_pid" "$(field rest kafka)" "/topics/$topic" POST application/vnd.kafka.json.v2+json "$tmp/pin.json"
	measure gateway "$kafka_pid" "$(field apigateway kafka)" "/prod/topics/$topic" POST application/vnd.kafka.json.v2+json "$tmp/pin.json"
	measure put "$s3_pid" "$(field aws s3)" /user-0affea73130b-bucket/bench.json PUT application/json "$tmp/object.json"
	measure get "$s3_pid" "$(field aws s3)" /user-0affea73130b-bucket/bench.json GET application/json /dev/null
done
nginx_rate=$(cut -d' ' -f1 "$tmp/m.nginx" | median); nginx_us=$(cut -d' ' -f2 "$tmp/m.nginx" | median)
show nginx "nginx, fixed answer"
show rest "rest: POST /topics/{t}, durable"
show gateway "apigateway -> rest: POST, durable"
show put "s3: PUT object, durable"
show get "s3: GET object"

# ---- rows: the last one costs what the first does ----
up rows --only rds
rows=$(/usr/bin/python3 "$here/rows.py" "$(field rds rows)")
budget "rds: LIMIT 11153, 1 beside LIMIT 0, 1" "${rows%% *}" "<=" 1.25 x
kill "$last"; wait "$last" 2>/dev/null || true

# ---- the batch path: gateway -> topic -> sink -> object ----
i=0
while [ $i -lt "$ROUNDS" ]; do
	i=$((i + 1))
	up "path$i" --only kafka,rest,apigateway,connect,s3
	begin=$(date +%s%N)
	posts=$(load "$(field apigateway "path$i")" "/prod/topics/$topic" POST application/vnd.kafka.json.v2+json "$tmp/pin.json" | cut -d' ' -f1)
	calm=0
	while [ $calm -lt 3 ]; do
		case $(curl -s "$(field control "path$i")/health") in *'"busy":false'*) calm=$((calm + 1)) ;; *) calm=0 ;; esac
	done
	end=$(date +%s%N)
	stored=$(curl -s "$(field control "path$i")/metrics" | sed -n 's/^tarn_connect_objects_total //p')
	[ "$stored" -ge "$posts" ] || { echo "batch path: $posts posts, $stored objects"; missed=1; }
	echo "$posts $begin $end" | awk '{printf "%d\n", $1*1e9/($3-$2)}' >>"$tmp/path"
	kill "$last"; wait "$last" 2>/dev/null || true
done
budget "posts/s down the batch path, object each" "$(median <"$tmp/path")" ">=" 5000 posts/s
exit $missed
