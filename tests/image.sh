#!/bin/sh
# The image alone, as people of LocalStack and Testcontainers' modules start it: no words, a line on stdout, init scripts, health. Needs
# docker, or podman; says why when it skips.
set -eu
cd "$(dirname "$0")/.."
skip() { echo "SKIP: $1"; exit 0; }
if docker info >/dev/null 2>&1; then
	run=docker
elif command -v podman >/dev/null; then
	run=podman
	podman image exists docker.io/library/debian:bookworm-slim || podman pull -q docker.io/library/debian:bookworm-slim ||
		skip "no debian:bookworm-slim image and no registry"
else
	skip "neither docker nor podman is here"
fi
[ $run = docker ] && host= || host=--network=host
# shellcheck disable=SC2086
[ "${NO_BUILD:-}" ] || $run build -q $host -t tarn -f emulators/Dockerfile . >/dev/null
tmp=$(mktemp -d)
names=
trap 'for c in $names; do $run rm -f "$c" >/dev/null 2>&1; done; rm -rf "$tmp"' EXIT
n=0
failed=0
check() { # name, got, want
	n=$((n + 1))
	if [ "$2" = "$3" ]; then echo "ok $n - $1"; else echo "not ok $n - $1: got $2, want $3"; failed=1; fi
}
start() { # name, docker's words...
	names="$names $1"
	name=$1
	shift
	$run run -d --name "$name" -p 127.0.0.1::4566 "$@" >/dev/null
}
at() { $run port "$1" 4566 | head -n 1; }
# A module's wait strategy: reads the log until the line is there.
wait_ready() {
	tries=0
	until $run logs "$1" 2>/dev/null | grep -q '^Ready\.$' || [ $tries -ge 600 ]; do
		tries=$((tries + 1))
		$run exec "$1" sleep 0.1 2>/dev/null || :
	done
	$run logs "$1" 2>/dev/null | grep -c '^Ready\.$' || :
}
mkdir -p "$tmp/init/ready.d" "$tmp/volume"
printf '#!/bin/bash\ncurl -sf -X PUT "$AWS_ENDPOINT_URL/made-by-a-script" && echo script ran\n' >"$tmp/init/ready.d/make.sh"
chmod +x "$tmp/init/ready.d/make.sh"

start tarn-plain -v "$tmp/init:/etc/localstack/init:ro" tarn
check "without words it starts everything and says Ready. once" "$(wait_ready tarn-plain)" 1
check "its health answers" "$(curl -s -o /dev/null -w '%{http_code}' "http://$(at tarn-plain)/_localstack/health")" 200
check "a script of ready.d has run before" "$($run logs tarn-plain 2>/dev/null | grep -A1 '^script ran$' | tail -n 1)" Ready.
check "init says so" "$(curl -s "http://$(at tarn-plain)/_localstack/init/ready")" '{"completed":true,"scripts":[{"stage":"READY","name":"make.sh","state":"SUCCESSFUL"}]}'
check "what it made is there" "$(curl -s "http://$(at tarn-plain)/" | grep -c made-by-a-script)" 1
check "tarn's own words are its words" "$($run run --rm tarn version | cut -d' ' -f1)" tarn
check "awslocal says what it lacks" "$($run exec tarn-plain awslocal s3 ls 2>&1 | grep -c -- '--target cli')" 1

start tarn-services -e LOCALSTACK_SERVICES=s3,kinesis -e PERSISTENCE=1 -e GATEWAY_LISTEN=0.0.0.0:4566 -v "$tmp/volume:/var/lib/localstack" tarn
check "SERVICES and PERSISTENCE" "$(wait_ready tarn-services)" 1
check "only those" "$(curl -s "http://$(at tarn-services)/_localstack/health" | tr ',{' '\n\n' | grep running | cut -d'"' -f2 | sort | tr '\n' ' ')" "kinesis s3 "
curl -s -X PUT "http://$(at tarn-services)/kept" >/dev/null
$run rm -f tarn-services >/dev/null
start tarn-services -e SERVICES=s3 -e PERSISTENCE=1 -v "$tmp/volume:/var/lib/localstack" tarn
check "and again" "$(wait_ready tarn-services)" 1
check "what was made is in the volume" "$(curl -s "http://$(at tarn-services)/" | grep -c kept)" 1

# The Java module: the entrypoint waits for a script that is copied in, which calls docker-entrypoint.sh without words.
start tarn-java --entrypoint sh tarn -c 'while [ ! -f /testcontainers_start.sh ]; do sleep 0.1; done; /testcontainers_start.sh'
printf '#!/bin/bash\nexport LAMBDA_DOCKER_FLAGS=x SERVICES=s3\n/usr/local/bin/docker-entrypoint.sh\n' >"$tmp/start.sh"
chmod 777 "$tmp/start.sh"
$run cp "$tmp/start.sh" tarn-java:/testcontainers_start.sh
check "Testcontainers for Java" "$(wait_ready tarn-java)" 1
$run stop -t 10 tarn-plain >/dev/null
check "stopped, it ends well" "$($run inspect -f '{{.State.ExitCode}}' tarn-plain)" 0
echo "1..$n"
exit $failed
