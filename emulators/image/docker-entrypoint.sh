#!/bin/sh
# The image's start. Without words: everything, as the variables of LocalStack's users say (tarn help localstack), for whoever reaches
# this container; what of that leaves the host is up to -p. With words: tarn's command line.
set -e
[ $# -gt 0 ] || set -- up --localstack --bind 0.0.0.0 --open
exec tarn "$@"
