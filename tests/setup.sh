#!/bin/sh
# Installs the Debian packages that are missing. $1: build (to compile and run), test (clients and tools as well), or what a make
# target of that name needs.
set -eu
build="gcc make pkg-config libuv1-dev libmicrohttpd-dev libjansson-dev libsqlite3-dev pc/libcurl:libcurl4-openssl-dev check
librdkafka-dev libmariadb-dev libgnutls28-dev nettle-dev libcbor-dev libexpat1-dev zlib1g-dev libsnappy-dev liblz4-dev libzstd-dev libbrotli-dev libpcre2-dev tzdata libyaml-dev libnghttp2-dev"
clients="s3cmd kcat mariadb-client awscli python3 python3-boto3 python3-pymysql python3-sqlalchemy python3-kafka python3-confluent-kafka
python3-requests python3-pytest python3-jinja2 rclone curl ps:procps"
# program:package, or pc/module:package: only where what is wanted isn't there from elsewhere. (On Debian 13 librdkafka-dev needs
# libcurl's OpenSSL side; either side does.)
registries="python3-venv mvn:maven java:default-jre-headless npm:npm node:nodejs go:golang-go"
bench="nginx-light wrk sqlite3 procps binutils"
# The run-time of the clang that `clang` stands for.
clang_rt() { apt-cache depends clang 2>/dev/null | sed -n 's/.*Depends: clang-\([0-9]*\)$/libclang-rt-\1-dev/p' | head -n 1; }
case "${1:-build}" in
build) want=$build ;;
test) want="$build $clients" ;;
clients) want="$build $clients $registries" ;;
bench) want="$build $clients $bench" ;;
browser) want=chromium ;; # 130 packages: only who asks for tests/clients/test_browser.py gets them
fuzz) want="$build clang $(clang_rt)" ;;
debian) want=debootstrap ;;
lint) want="$build" ;;
*) echo "setup.sh: no such set: $1" >&2; exit 2 ;;
esac
missing=
for p in $want; do
	case $p in pc/*) pkg-config --exists "$(expr "$p" : 'pc/\(.*\):')" 2>/dev/null || missing="$missing ${p#*:}"; continue ;; esac
	case $p in *:*) command -v "${p%:*}" >/dev/null || missing="$missing ${p#*:}"; continue ;; esac
	dpkg-query -W -f='${db:Status-Status}' "$p" 2>/dev/null | grep -qx installed || missing="$missing $p"
done
[ -z "$missing" ] && exit 0
sudo=
if [ "$(id -u)" != 0 ]; then
	sudo=$(command -v sudo) || { echo "tarn needs these Debian packages:$missing" >&2
		echo "  try: as root, apt-get install$missing" >&2; exit 1; }
fi
command -v apt-get >/dev/null || { echo "tarn needs these packages (Debian's names):$missing" >&2; exit 1; }
echo "installing:$missing" >&2
$sudo apt-get update -qq
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
