#!/bin/sh
# What the design forbids, checked by grep: who includes whom, who reads clocks, who names which library.
cd "$(dirname "$0")/.." || exit 2
bad=0
complain() { # title, lines
	[ -z "$2" ] && return
	printf '%s\n%s\n' "$1" "$2" | sed '2,$s/^/  /'
	bad=1
}
only() { # pattern, allowed files (regex), title
	complain "$3" "$(grep -rnE "$1" emulators --include='*.[ch]' | grep -vE "^($2):")"
}

complain "core includes only core:" \
	"$(grep -nE '#include "(rds|kafka|rest|connect|s3|kinesis|apigateway|lake|airflow|control|tarn)/' emulators/core/*.[ch])"
for s in emulators/*/service.c; do
	d=$(basename "$(dirname "$s")")
	complain "$d includes core and its own headers only:" \
		"$(grep -nE '#include "[a-z0-9]+/' emulators/$d/*.[ch] | grep -vE "#include \"(core|$d)/")"
done
only '\b(clock_gettime|gettimeofday|time)\(' 'emulators/core/clock\.c' "only core/clock.c reads a clock:"
only '\b(rand|random|srand|drand48|arc4random|getrandom)\(' 'emulators/core/fault\.c' "only core/fault.c decides at random:"
only '\b(sleep|usleep|nanosleep)\(' 'emulators/core/clock\.c' "nothing else sleeps:"
only '#include <nghttp2/' 'emulators/core/http2\.c' "nghttp2 is named in core/http2.c only:"
only '#include "(core/)?exchange\.h"' 'emulators/core/http2?\.c' "exchange.h is for http.c and http2.c only:"
only '#include <microhttpd\.h>' 'emulators/core/http\.c' "libmicrohttpd is named in core/http.c only:"
only '#include <uv\.h>' 'emulators/core/(loop|tcp|http|http2|httpc|child)\.c' "libuv is named in core's loop, tcp, http, http2, httpc, child only:"
only '#include <curl/' 'emulators/core/lib_curl\.h' "libcurl is named in core/lib_curl.h only:"
only '#include <librdkafka/' 'emulators/core/ports_kafka\.c' "librdkafka is named in core/ports_kafka.c only:"
only '\b(strcpy|strcat|sprintf|gets|strtok|atoll)\(' 'none' "banned calls:"
long=$(awk 'FNR == 1 { if (name && n > 800) print name ": " n " lines"; name = FILENAME } { n = FNR }
	END { if (n > 800) print name ": " n " lines" }' $(find emulators -name '*.[ch]'))
complain "files over 800 lines have a second subject:" "$long"
[ "$bad" = 0 ] && echo "lint: clean"
exit $bad
