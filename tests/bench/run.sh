#!/bin/sh
# Start-up, memory, size; requests a second and CPU a request of each service beside nginx; posts a second down the whole
# batch path. Runs of peers alternate, numbers are medians with the range beside; a missed budget makes the exit code 1.
#   ROUNDS (3), SECONDS_EACH (2), TARN (build/tarn)
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
trap 'exit 130' INT TERM

field() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" "$tmp/$2.json"; }
served() { "$TARN" help | grep -q "^  $1  "; }
ms_since() { echo "$1 $(date +%s%N)" | awk '{printf "%.1f\n", ($2 - $1) / 1e6}'; }
column() { cut -d' ' -f"$1" "$2" | sort -n; }
median() { column "$1" "$2" | awk '{v[NR]=$1} END {print v[int((NR+1)/2)]}'; }
range() { column "$1" "$2" | awk 'NR==1 {a=$1} {b=$1} END {print a " .. " b}'; }
budget() { # what, value, range, unit, operator, limit
	if awk "BEGIN {exit !($2 $5 $6)}"; then verdict=ok; else verdict=MISSED; missed=1; fi
	printf '%-44s %9s %-8s %-18s budget %s %s: %s\n' "$1" "$2" "$4" "${3:+($3)}" "$5" "$6" "$verdict"
}
beside() { printf '%-44s %9s %-8s %s\n' "  beside: $1" "$2" "$3" "${4:+($4)}"; }
cpu_us() { awk -v t="$(getconf CLK_TCK)" '{print ($14+$15)*1000000/t}' "/proc/$1/stat"; }
rss_mib() { cat "$@" | awk '/^VmRSS/ {s+=$2} END {printf "%.1f\n", s/1024}'; }
free_port() { /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

up() { # name, arguments...; waits until all listeners are ready
	name=$1; shift
	rm -f "$tmp/$name.json"
	"$TARN" up --ports=auto --data "$tmp/$name" --endpoints-file "$tmp/$name.json" "$@" >"$tmp/$name.out" 2>&1 &
	last=$!
	pids="$pids $last"
	while [ ! -s "$tmp/$name.json" ]; do kill -0 "$last"; done
}
down() { kill "$1"; wait "$1" 2>/dev/null || true; }

nginx_conf() { # name, port
	mkdir -p "$tmp/$1"
	cat >"$tmp/$1/nginx.conf" <<-CONF
		worker_processes 1; daemon on; pid $tmp/$1/pid; error_log $tmp/$1/log;
		events { worker_connections 256; }
		http { access_log off; keepalive_requests 100000000; client_body_temp_path $tmp/$1/b; proxy_temp_path $tmp/$1/p;
		fastcgi_temp_path $tmp/$1/f; uwsgi_temp_path $tmp/$1/u; scgi_temp_path $tmp/$1/s;
		server { listen 127.0.0.1:$2; location / { return 200 "ok"; } } }
	CONF
}
nginx_up() { nginx -c "$tmp/$1/nginx.conf" 2>/dev/null; } # comes back when it listens
nginx_down() { kill "$(cat "$tmp/$1/pid")"; while [ -e "$tmp/$1/pid" ]; do :; done; }

echo "tarn bench: medians (and ranges) of $ROUNDS rounds, ${SECONDS_EACH}s each, on $(nproc) cores"

# ---- start-up, memory, size ----
nginx_conf start "$(free_port)"
i=0
while [ $i -lt 9 ]; do
	i=$((i + 1))
	t=$(date +%s%N); up "start$i"; ms_since "$t" >>"$tmp/started"
	rss_mib "/proc/$last/status" >>"$tmp/rss"
	down "$last"
	rm -f "$tmp/again.json"
	t=$(date +%s%N); up "start$i"; ms_since "$t" >>"$tmp/restarted"
	down "$last"
	t=$(date +%s%N); nginx_up start; ms_since "$t" >>"$tmp/nginx_started"
	p=$(cat "$tmp/start/pid")
	rss_mib "/proc/$p/status" "/proc/$(pgrep -P "$p" | head -n 1)/status" >>"$tmp/nginx_rss"
	nginx_down start
	t=$(date +%s%N); "$TARN" exec --data "$tmp/exec$i" -- true; ms_since "$t" >>"$tmp/execd"
	t=$(date +%s%N); env true; ms_since "$t" >>"$tmp/plain"
	t=$(date +%s%N); sqlite3 "$tmp/start$i.db" 'CREATE TABLE t(a); INSERT INTO t VALUES(1)'; ms_since "$t" >>"$tmp/sqlite_started"
done
budget "tarn up until all services are ready" "$(median 1 "$tmp/started")" "$(range 1 "$tmp/started")" ms "<=" 50
beside "tarn up on its old state folder" "$(median 1 "$tmp/restarted")" ms "$(range 1 "$tmp/restarted")"
beside "nginx until it listens" "$(median 1 "$tmp/nginx_started")" ms "$(range 1 "$tmp/nginx_started")"
beside "sqlite3, one table and one row" "$(median 1 "$tmp/sqlite_started")" ms "$(range 1 "$tmp/sqlite_started")"
budget "tarn exec -- true: a stack, a name space, the end" "$(median 1 "$tmp/execd")" "$(range 1 "$tmp/execd")" ms "<=" 150
beside "env true" "$(median 1 "$tmp/plain")" ms "$(range 1 "$tmp/plain")"
budget "idle resident memory, all services" "$(median 1 "$tmp/rss")" "$(range 1 "$tmp/rss")" MiB "<=" 18
beside "nginx, master and one worker" "$(median 1 "$tmp/nginx_rss")" MiB "$(range 1 "$tmp/nginx_rss")"
strip -o "$tmp/stripped" "$TARN"
budget "stripped binary" "$(stat -c %s "$tmp/stripped" | awk '{printf "%.2f", $1/1048576}')" "" MiB "<=" 5

# ---- requests a second and CPU a request, beside nginx; and the batch path, in the same rounds ----
cat >"$tmp/pin.json" <<'JSON'
{"records": [{"value": {"index": 5730, "unique_id": "1e1f0c8b-9fcf-460b-9154-c775827206eb", "title": "A printable money calendar", "description": "A short guide to the printable money calendar: what you need, what it costs and what we would do again.", "poster_name": "Owen Zimmerman", "follower_count": "182", "tag_list": "Grocery List,Simple Pension Note,Money Calendar,Budget Sheet", "is_image_or_video": "image", "image_src": "https://i.pinimg.com/originals/fe/5c/72/fe5c720468c0fc242bc6ca30f3215573.jpg", "downloaded": 1, "save_location": "Local save in /data/finance", "category": "finance"}}]}
JSON
printf '{"index":5730,"category":"finance"}\n' >"$tmp/object.json"
KJ=application/vnd.kafka.json.v2+json
topic=0affea73130b.pin
bucket=user-0affea73130b-bucket
gcc -O2 -o "$tmp/load" "$here/load.c" $(pkg-config --cflags --libs libmariadb rdkafka) -lpthread

http() { # url, target, method, type, body
	METHOD=$3 TARGET=$2 TYPE=$4 BODY=$5 wrk -t1 -c16 -d"${SECONDS_EACH}s" -s "$here/post.lua" "$1"
}
measure() { # name, pid, command...; RESULT requests us p50 p99 errors -> requests/s, CPU us/request, p50, p99, errors
	name=$1 pid=$2; shift 2
	before=$(cpu_us "$pid"); r=$("$@" | sed -n 's/^RESULT //p'); after=$(cpu_us "$pid")
	echo "$r" | awk -v a="$after" -v b="$before" \
		'$1 > 0 {printf "%.0f %.1f %d %d %d\n", $1*1e6/$2, (a-b)/$1, $3, $4, $5; n=1} END {if (!n) print "0 0 0 0 1"}' >>"$tmp/m.$name"
}
show() { # name, label
	[ -s "$tmp/m.$1" ] || { printf '%-44s skipped: not in this build\n' "$2"; return; }
	bad=$(awk '{s+=$5} END {print s}' "$tmp/m.$1")
	awk -v n="$2" -v r="$(median 1 "$tmp/m.$1")" -v w="$(range 1 "$tmp/m.$1")" -v u="$(median 2 "$tmp/m.$1")" -v a="$(median 3 "$tmp/m.$1")" \
		-v b="$(median 4 "$tmp/m.$1")" -v nr="$(median 1 "$tmp/m.nginx")" -v nu="$(median 2 "$tmp/m.nginx")" -v e="$bad" 'BEGIN {
		printf "%-44s %7d req/s (%s)  x %.2f   %6.1f us CPU  x %.1f   p50 %.2f ms  p99 %.2f ms%s\n",
			n, r, w, r/nr, u, u/nu, a/1000, b/1000, e ? "   " e " FAILED" : ""}'
	[ "$bad" = 0 ] || missed=1
}
batch_path() { # name; gateway -> rest -> kafka -> connect -> s3 until everything is stored; the clock stops then
	up "$1" --only kafka,rest,apigateway,connect,s3
	begin=$(date +%s%N)
	posts=$(http "$(field apigateway "$1")" "/prod/topics/$topic" POST $KJ "$tmp/pin.json" | sed -n 's/^RESULT \([0-9]*\).*/\1/p')
	calm=0
	while [ $calm -lt 3 ]; do
		case $(curl -s "$(field control "$1")/health") in *'"busy":false'*) calm=$((calm + 1)) ;; *) calm=0 ;; esac
	done
	end=$(date +%s%N)
	stored=$(curl -s "$(field control "$1")/metrics" | sed -n 's/^tarn_connect_objects_total //p')
	[ "${stored:-0}" -ge "$posts" ] || { echo "batch path: $posts posts, ${stored:-0} objects"; missed=1; }
	echo "$posts $begin $end" | awk '{printf "%d\n", $1*1e9/($3-$2)}' >>"$tmp/path"
	down "$last"
}

nginx_conf peer "$(free_port)"
nginx_up peer
pids="$pids $(cat "$tmp/peer/pid")"
nginx_worker=$(pgrep -P "$(cat "$tmp/peer/pid")" | head -n 1)
nginx_url=$(sed -n 's/.*listen \([0-9.:]*\);.*/http:\/\/\1/p' "$tmp/peer/nginx.conf")
up posts --only kafka,rest,apigateway; posts_pid=$last
up s3 --only s3; s3_pid=$last
up rds --only rds; rds_pid=$last
if served connect; then up connect --only kafka,s3,connect; connect_pid=$last; fi
i=0
while [ $i -lt "$ROUNDS" ]; do
	i=$((i + 1))
	measure nginx "$nginx_worker" http "$nginx_url" / GET text/plain /dev/null
	measure rds "$rds_pid" "$tmp/load" mysql "$(field rds rds)" "$SECONDS_EACH" 16
	measure kafka "$posts_pid" "$tmp/load" kafka "$(field kafka posts)" "$SECONDS_EACH" 16 "$tmp/pin.json"
	measure rest "$posts_pid" http "$(field rest posts)" "/topics/$topic" POST $KJ "$tmp/pin.json"
	measure gateway "$posts_pid" http "$(field apigateway posts)" "/prod/topics/$topic" POST $KJ "$tmp/pin.json"
	measure mock "$posts_pid" http "$(field apigateway posts)" "/prod/topics/$topic" OPTIONS application/json /dev/null
	measure put "$s3_pid" http "$(field aws s3)" "/$bucket/bench.json" PUT application/json "$tmp/object.json"
	measure get "$s3_pid" http "$(field aws s3)" "/$bucket/bench.json" GET application/json /dev/null
	if served connect; then
		measure connect "$connect_pid" http "$(field connect connect)" /connectors GET application/json /dev/null
		batch_path "path$i"
	fi
done
echo "requests/s and CPU a request, 16 connections, x: times nginx's"
show nginx "nginx: a fixed answer"
show rds "rds: SELECT * ... LIMIT n, 1"
show kafka "kafka: Produce of one post, acks=all"
show rest "rest: POST /topics/{t}"
show gateway "apigateway -> rest: POST /prod/topics/{t}"
show mock "apigateway: mock"
show put "s3: PUT object"
show get "s3: GET object"
show connect "connect: GET /connectors"
/usr/bin/python3 "$here/groups.py" "$(field kafka posts)" 50 5 >"$tmp/groups"
budget "kafka: a group of 50 members rebalances" "$(median 1 "$tmp/groups")" "$(range 1 "$tmp/groups")" ms "<=" 100
up log --only kafka --set http.connections=20000; log_pid=$last
i=0
while [ $i -lt "$ROUNDS" ]; do
	i=$((i + 1))
	/usr/bin/python3 "$here/kafka_log.py" "$(field kafka log)" "$log_pid" | while read -r what value _; do echo "$value" >>"$tmp/log.$what"; done
done
down "$log_pid"
of_log() { budget "$1" "$(median 1 "$tmp/log.$2")" "$(range 1 "$tmp/log.$2")" "$3" "<=" "$4"; }
of_log "kafka: a record of 100 B produced" produce "us CPU" 0.5
of_log "kafka: a record of 100 B consumed" consume "us CPU" 0.1
of_log "kafka: a single record, acknowledged" single "us CPU" 48
of_log "kafka: 10,000 partitions are made" partitions ms 1000
of_log "kafka: 10,000 idle connections" idle MB 60
# The last row costs what the first does.
rows=$(/usr/bin/python3 "$here/rows.py" "$(field rds rds)")
budget "rds: LIMIT 11153, 1 beside LIMIT 0, 1" "${rows%% *}" "" x "<=" 1.25
if [ -s "$tmp/path" ]; then
	budget "posts down the batch path, an object each" "$(median 1 "$tmp/path")" "$(range 1 "$tmp/path")" posts/s ">=" 5000
else
	echo "posts down the batch path: skipped: connect is not in this build"
fi
sh "$here/vtl_bench.sh" || missed=1
sh "$here/kinesis.sh" || missed=1
sh "$here/s3.sh" || missed=1
sh "$here/lake.sh" || missed=1
sh "$here/sparksql.sh" || missed=1
sh "$here/notebook.sh" || missed=1
if [ $missed = 0 ]; then echo "bench: every budget is kept"; else echo "bench: a budget is MISSED"; fi
exit $missed
