#!/bin/sh
# Installs clients that Debian does not have, below $1: py, spark, airflow, s3fs (PyPI), npm, java (Maven Central), go (Go modules). Each set
# is made once and again when its list changes; one that can't be had is named, and the tests that need it skip.
set -u
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1" && cd "$1" || exit 1

fresh() { # set, lists...: true when the set was made of these lists
	name=$1; shift
	cat "$@" | cmp -s - "$name/.made-of" 2>/dev/null
}
made() { name=$1; shift; cat "$@" >"$name/.made-of"; }
lacks() { echo "clients: no $1: $2"; }

venv() { # set
	list=$here/$1.txt
	fresh "$1" "$list" && return
	rm -rf "$1"
	/usr/bin/python3 -m venv "$1" && "$1/bin/pip" install -q -r "$list" && made "$1" "$list" || lacks "$1" "PyPI or a package of it is out of reach"
}

jars() { # set
	command -v mvn >/dev/null || { lacks "$1" "mvn is missing"; return; }
	pom=$here/$1.xml
	fresh "$1" "$pom" && return
	rm -rf "$1"
	mvn -q -B -f "$pom" dependency:copy-dependencies "-DoutputDirectory=$PWD/$1" && made "$1" "$pom" || lacks "$1" "Maven Central is out of reach"
}

npm_set() {
	command -v npm >/dev/null || { lacks npm "npm is missing"; return; }
	fresh npm "$here/npm.txt" && return
	mkdir -p npm
	# shellcheck disable=SC2046
	(cd npm && { [ -e package.json ] || npm init -y >/dev/null; } && npm install --no-audit --no-fund --silent $(cat "$here/npm.txt")) &&
		made npm "$here/npm.txt" || lacks npm "the npm registry is out of reach"
}

go_set() {
	command -v go >/dev/null || { lacks go "go is missing"; return; }
	fresh go "$here"/go/go.* "$here"/go/*/* && return
	mkdir -p go
	(cd "$here/go" && GOFLAGS=-mod=mod go build -o "$1/go/" ./franz ./groups ./sarama ./walk) && made go "$here"/go/go.* "$here"/go/*/* ||
		lacks go "no Go from go.mod's version on, or its module proxy is out of reach"
}

venv py
venv spark
venv airflow
venv s3fs
jars java
jars java-aws
jars java-msk
jars spark-jars
npm_set
go_set "$PWD"
exit 0
