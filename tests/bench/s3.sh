#!/bin/sh
# The object store beside nginx (files by WebDAV, which checks no signature and keeps no listing) and npm's s3rver: GET and PUT of 1 KiB and 1
# MiB with signatures that are verified, LIST of 1,000 keys, the same at 10 thousand and a million keys and versions; 5 GiB up and down.
# Rounds of the peers alternate, numbers are medians. Exit code 1 when a budget is missed.
#   ROUNDS (3), SECONDS_EACH (2), TARN (build/tarn), TARN_NODE_MODULES: where s3rver is (build/npm/node_modules)
set -eu
TARN=$(realpath "${TARN:-build/tarn}")
SECONDS_EACH=${SECONDS_EACH:-2}
ROUNDS=${ROUNDS:-3}
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
missed=0
pids=
stop() { for p in $pids; do kill "$p" 2>/dev/null || true; done; pids=; wait 2>/dev/null || true; }
trap 'stop; rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM

free_port() { /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
median() { cut -d' ' -f"$1" "$2" | sort -n | awk '{v[NR]=$1} END {print v[int((NR+1)/2)]}'; }
cpu_us() { awk -v t="$(getconf CLK_TCK)" '{print ($14+$15)*1000000/t}' "/proc/$1/stat"; }
budget() { # what, value, unit, limit, what it is of
	if awk "BEGIN {exit !($2 <= $4)}"; then verdict=ok; else verdict=MISSED; missed=1; fi
	printf '%-44s %9s %-8s %-18s budget <= %s: %s\n' "$1" "$2" "$3" "${5:-}" "$4" "$verdict"
}
at_least() { # what, value, unit, limit, what it is of
	if awk "BEGIN {exit !($2 >= $4)}"; then verdict=ok; else verdict=MISSED; missed=1; fi
	printf '%-44s %9s %-8s %-18s budget >= %s: %s\n' "$1" "$2" "$3" "${5:-}" "$4" "$verdict"
}

up() { # arguments...; leaves tarn_pid, tarn_url
	rm -f "$tmp/ends.json"
	"$TARN" up --only s3,aws --ports=auto --data "$tmp/state" --endpoints-file "$tmp/ends.json" --set identities.test=test "$@" >"$tmp/out" 2>&1 &
	tarn_pid=$!
	pids="$pids $tarn_pid"
	while [ ! -s "$tmp/ends.json" ]; do kill -0 "$tarn_pid"; done
	tarn_url=$(sed -n 's/.*"aws": *"\([^"]*\)".*/\1/p' "$tmp/ends.json")
}
down() { kill "$tarn_pid"; wait "$tarn_pid" 2>/dev/null || true; }
nginx_up() { # leaves nginx_pid, nginx_url
	port=$(free_port)
	mkdir -p "$tmp/nginx/root/bench"
	chmod -R 777 "$tmp" "$tmp/nginx"
	cat >"$tmp/nginx/conf" <<-CONF
		worker_processes 1; daemon on; pid $tmp/nginx/pid; error_log $tmp/nginx/log;
		events { worker_connections 256; }
		http { access_log off; keepalive_requests 100000000; sendfile on; client_max_body_size 0; client_body_temp_path $tmp/nginx/b;
		proxy_temp_path $tmp/nginx/p; fastcgi_temp_path $tmp/nginx/f; uwsgi_temp_path $tmp/nginx/u; scgi_temp_path $tmp/nginx/s;
		server { listen 127.0.0.1:$port; root $tmp/nginx/root; dav_methods PUT DELETE; create_full_put_path on; } }
	CONF
	nginx -c "$tmp/nginx/conf" 2>/dev/null
	nginx_pid=$(pgrep -P "$(cat "$tmp/nginx/pid")" | head -n 1)
	pids="$pids $(cat "$tmp/nginx/pid")"
	nginx_url=http://127.0.0.1:$port
}
s3rver_up() { # leaves s3rver_pid, or nothing
	s3rver_pid=
	for d in "${TARN_NODE_MODULES:-}" build/npm/node_modules; do
		[ -n "$d" ] && [ -d "$d/s3rver" ] && command -v node >/dev/null || continue
		port=$(free_port)
		mkdir -p "$tmp/s3rver"
		node "$d/s3rver/bin/s3rver.js" -d "$tmp/s3rver" -p "$port" -s --configure-bucket bench >"$tmp/s3rver.out" 2>&1 &
		s3rver_pid=$!
		pids="$pids $s3rver_pid"
		s3rver_url=http://127.0.0.1:$port
		until curl -s -o /dev/null "$s3rver_url"; do kill -0 "$s3rver_pid" || { s3rver_pid=; return; }; done
		return
	done
	echo "s3rver: SKIP: needs node and npm's s3rver: make bench-peers, or TARN_NODE_MODULES"
}
signed() { curl -sf -X PUT -u test:test --aws-sigv4 aws:amz:us-east-1:s3 -H "x-amz-content-sha256: UNSIGNED-PAYLOAD" -H "Content-Type:" "$@"; }
requests() { # peer, method, path, number, [body]
	eval "url=\$$1_url"
	WHO=$([ "$1" = s3rver ] && echo S3RVER || echo test) /usr/bin/python3 "$here/s3_requests.py" "$url" "$2" "$3" "$4" ${5:+"$5"} >"$tmp/requests"
}
measure() { # row, peer, method, path, number, connections, [body]
	eval "pid=\$$2_pid"
	[ -n "$pid" ] || return 0
	requests "$2" "$3" "$4" "$5" ${7:+"$7"}
	before=$(cpu_us "$pid")
	r=$(REQUESTS=$tmp/requests BODY=${7:-} && export REQUESTS && { [ -z "$BODY" ] || export BODY; [ -n "$BODY" ] || unset BODY; } &&
		wrk -t1 -c"$6" -d"${SECONDS_EACH}s" -s "$here/s3.lua" "$url" | sed -n 's/^RESULT //p')
	after=$(cpu_us "$pid")
	echo "$r" | awk -v a="$after" -v b="$before" '$1 > 0 {printf "%.0f %.1f %d %d %d\n", $1*1e6/$2, (a-b)/$1, $3, $4, $5; n=1} END {if (!n) print "0 0 0 0 1"}' \
		>>"$tmp/m.$1.$2"
}
show() { # row, label
	for peer in tarn nginx s3rver; do
		[ -s "$tmp/m.$1.$peer" ] || continue
		bad=$(awk '{s+=$5} END {print s}' "$tmp/m.$1.$peer")
		printf '%-44s %7s req/s  %8s us CPU   p99 %s us%s\n' "$2: $peer" "$(median 1 "$tmp/m.$1.$peer")" "$(median 2 "$tmp/m.$1.$peer")" \
			"$(median 4 "$tmp/m.$1.$peer")" "$([ "$bad" = 0 ] || echo "   $bad FAILED")"
		[ "$bad" = 0 ] || [ $peer = s3rver ] || missed=1
	done
}
of_nginx() { awk -v a="$(median "$1" "$tmp/m.$2.tarn")" -v b="$(median "$1" "$tmp/m.$2.nginx")" 'BEGIN {printf "%.2f\n", b ? a / b : 99}'; }

head -c 1024 /dev/urandom >"$tmp/small"
head -c 1048576 /dev/urandom >"$tmp/large"
nginx_up
up
signed "$tarn_url/bench"
signed "$tarn_url/many"
signed "$tarn_url/many?versioning=" --data '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'
s3rver_up
i=0
while [ $i -lt "$ROUNDS" ]; do
	i=$((i + 1))
	for peer in tarn nginx s3rver; do
		measure put1k $peer PUT "/bench/small-{}" 64 16 "$tmp/small"
		measure get1k $peer GET "/bench/small-{}" 64 16
		measure put1m $peer PUT "/bench/large-{}" 8 4 "$tmp/large"
		measure get1m $peer GET "/bench/large-{}" 8 4
	done
done
echo "s3: signatures verified by tarn and s3rver; 16 connections at 1 KiB, 4 at 1 MiB"
show put1k "PUT 1 KiB"
show get1k "GET 1 KiB"
show put1m "PUT 1 MiB"
show get1m "GET 1 MiB"
at_least "GET 1 KiB: requests/s, of nginx's" "$(of_nginx 1 get1k)" x 0.6
budget "PUT 1 KiB: CPU, of nginx's" "$(of_nginx 2 put1k)" x 1
budget "PUT 1 MiB: CPU, of nginx's" "$(of_nginx 2 put1m)" x 1.5
budget "GET 1 MiB: CPU, of nginx's" "$(of_nginx 2 get1m)" x 1.5

# ---- listings, of as many keys and versions as rows are made here ----
rows() { # how many keys and versions there are; the store is stopped
	sqlite3 "$tmp/state/s3.db" "
		CREATE TEMP TABLE one AS SELECT * FROM object WHERE bucket = 'bench' AND key = CAST('small-0' AS BLOB);
		UPDATE one SET bucket = 'many';
		WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < $1 - 1)
			INSERT OR IGNORE INTO object SELECT $(sqlite3 "$tmp/state/s3.db" "SELECT group_concat(CASE name WHEN 'key' THEN
				'CAST(printf(''%03d/%07d'', i % 100, i) AS BLOB)' WHEN 'id' THEN 'i + 100000000' ELSE name END, ', ') FROM pragma_table_info('object')") FROM n, one;
		WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < $1 - 1)
			INSERT OR IGNORE INTO version($(sqlite3 "$tmp/state/s3.db" "SELECT group_concat(name, ', ') FROM pragma_table_info('version')"))
			SELECT $(sqlite3 "$tmp/state/s3.db" "SELECT group_concat(CASE WHEN name = 'key' THEN 'CAST(printf(''%03d/%07d'', i % 100, i) AS BLOB)'
				WHEN name = 'id' THEN 'i + 200000000' WHEN name = 'rank' THEN '-1 - i' WHEN name = 'version' THEN 'i + 1'
				WHEN name IN (SELECT name FROM pragma_table_info('object')) THEN name ELSE '0' END, ', ') FROM pragma_table_info('version')") FROM n, one;"
}
for n in 10000 1000000; do
	down
	rows $n
	up
	i=0
	while [ $i -lt "$ROUNDS" ]; do
		i=$((i + 1))
		measure list$n tarn GET "/many?list-type=2&start-after=050%2F00000{}" 8 1
		measure roll$n tarn GET "/many?list-type=2&delimiter=%2F&max-keys={}" 100 1
		measure versions$n tarn GET "/many?versions&key-marker=050%2F00000{}" 8 1
	done
	show list$n "LIST 1,000 of $n"
	show roll$n "LIST folders of $n"
	show versions$n "LIST 1,000 versions of $n"
	budget "LIST 1,000 of $n: CPU" "$(median 2 "$tmp/m.list$n.tarn")" us 1000
done
flat() { awk -v a="$(median 2 "$tmp/m.${1}1000000.tarn")" -v b="$(median 2 "$tmp/m.${1}10000.tarn")" 'BEGIN {printf "%.2f\n", b ? a / b : 99}'; }
budget "LIST 1,000: a million beside ten thousand" "$(flat list)" x 1.25
budget "LIST folders: the same" "$(flat roll)" x 1.25
budget "LIST 1,000 versions: the same" "$(flat versions)" x 1.25

# ---- 5 GiB ----
if [ "$(df -Pk "$tmp" | awk 'NR == 2 {print int($4 / 1048576)}')" -ge 12 ]; then
	down
	rm -rf "$tmp/state"
	up
	signed "$tarn_url/bench"
	head -c 5368709120 /dev/zero | AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test "$TARN" s3 cp - s3://bench/five --endpoint-url "$tarn_url" >/dev/null
	n=$(AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test "$TARN" s3 cat s3://bench/five --endpoint-url "$tarn_url" | wc -c)
	[ "$n" = 5368709120 ] || { echo "5 GiB came back as $n bytes"; missed=1; }
	budget "5 GiB up and down: most resident memory" "$(awk '/^VmHWM/ {printf "%.1f\n", $2/1024}' "/proc/$tarn_pid/status")" MiB 64
else
	echo "5 GiB up and down: SKIP: 12 GiB are not free below $tmp"
fi
exit $missed
