#!/bin/sh
# What the design forbids, checked by grep: who includes whom, who reads clocks, who names which library, one dialect of C.
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
may() { # folder, the folders it may include beside itself (regex)
	complain "$1 includes only $2 and itself:" \
		"$(grep -nE '#include "[a-z0-9]+/' emulators/"$1"/*.[ch] 2>/dev/null | grep -vE "#include \"($2|$1)/")"
}

# core <- libraries, front <- services <- stack <- scenario, tarn. Services meet only through core/ports.h.
may core core
may java core
may kproto 'core|java'
may remote 'core|kproto'
may front core
may console core
may velocity 'core|java'
may parquet core
may columns 'core|java|parquet|spark'
may delta 'core|java|parquet|spark|columns'
may cleaning 'core|java|parquet|delta'
may spark 'core|java'
may functions 'core|java|spark'
may engine 'core|java|spark'
may sparksql 'core|java|spark|functions|engine'
for s in emulators/*/service.c; do
	s=$(basename "$(dirname "$s")")
	[ "$s" = aws ] || may "$s" 'core|java|velocity|parquet|delta|cleaning|spark|functions|engine|sparksql|columns|kproto'
done
# The control planes: aws is what each API's room stands on, and names them in service.c alone.
may aws 'core|java|parquet|kms|ec2|msk|cloudwatch'
complain "aws names the rooms of its APIs in service.c only:" "$(grep -nE '#include "(kms|ec2|msk|cloudwatch)/' emulators/aws/*.[ch] | grep -v '^emulators/aws/service.c')"
may kms 'core|java|aws'
may ec2 'core|java|aws|kms'
may msk 'core|java|aws'
may cloudwatch 'core|java|aws'
# The stack's own rooms stand on it; it names them where it is put together, and the scenario does as a client would.
for room in browse journey snapshot; do
	complain "the room $room is the stack's: nobody else names it:" "$(grep -nE "#include \"$room/" emulators/*/*.[ch] |
		grep -vE "^emulators/($room/|scenario/acts\.c|stack/(server|reopen|control)\.c)")"
	complain "$room includes neither scenario, tarn nor another of the stack's rooms:" "$(grep -nE '#include "(scenario|tarn|browse|journey|snapshot)/' emulators/$room/*.[ch] | grep -v "\"$room/")"
done
complain "inside.h is the stack's and its rooms':" "$(grep -n '#include "stack/inside\.h"' emulators/*/*.[ch] | grep -vE '^emulators/(stack|browse|journey|snapshot)/')"
complain "stack includes neither scenario nor tarn:" "$(grep -nE '#include "(scenario|tarn)/' emulators/stack/*.[ch])"
complain "scenario includes not tarn:" "$(grep -nE '#include "tarn/' emulators/scenario/*.[ch])"

only '\b(clock_gettime|gettimeofday|time)\(' 'emulators/core/clock\.c' "only core/clock.c reads a clock:"
only '\b(rand|random|srand|drand48|arc4random|getrandom)\(' 'emulators/core/fault\.c' "only core/fault.c decides at random:"
only '\b(sleep|usleep|nanosleep)\(' 'emulators/core/clock\.c' "nothing else sleeps:"
only '#include <nghttp2/' 'emulators/core/http2\.c' "nghttp2 is named in core/http2.c only:"
only '#include "(core/)?exchange\.h"' 'emulators/core/(http2?|http_(body|pieces)|message|duplex|httpc)\.c' "exchange.h is for http.c, http2.c, http_body.c, http_pieces.c, message.c, duplex.c, httpc.c only:"
only '#include <microhttpd\.h>' 'emulators/core/http\.c' "libmicrohttpd is named in core/http.c only:"
only '#include <uv\.h>' 'emulators/core/(question|loop|listener|tcp|tls|http2|duplex|httpc|child)\.c' "libuv is named in core's loop, listener, tcp, tls, http2, duplex, httpc, child only:"
only '#include <gnutls/' 'emulators/core/(ca|tls|sigv4|hash|crypt|pair)\.c' "GnuTLS is named in core's ca, tls, sigv4, hash, crypt, pair only:"
only '#include <(nettle/|gmp)' 'emulators/core/pair\.c' "nettle is named in core/pair.c only:"
only '#include <curl/' 'emulators/core/lib_curl\.h' "libcurl is named in core/lib_curl.h only:"
only '#include <librdkafka/' 'emulators/remote/rdk\.h' "librdkafka is named in remote/rdk.h only:"
only '#include <sqlite3\.h>|\bsqlite3_[a-z]+\(' 'emulators/(core/(db|dbimage|park|wal|shrink)|rds/[a-z]+|[a-z0-9]+/store[a-z_]*|lake/sql[a-z_]*)\.[ch]' \
	"SQLite stands in stores, core's db, dbimage, park, wal and shrink only (rds is a SQL server: everywhere there):"
only '[Pp]interest|geolocation|\b(pin|geo)\b|"user_data|follower_count' 'emulators/connect/locale_[12]\.c' "datasets are the stack's; no C file names one:"
only '\b(strcpy|strcat|sprintf|gets|strtok|atoll)\(' 'none' "banned calls:"

# One dialect: tabs, no blank line between declarations at the top of a function and what follows, sl(NULL), rc.
only '^	* {8}|[ 	]$' 'none' "lines begin with tabs and end without blanks:"
only '\(struct slice\)\{ 0 \}' 'emulators/core/mem\.h' "an absent slice is sl(NULL):"
only 'buf_init\(&[a-z]+, 0\)' 'emulators/apigateway/(invoke|import)\.c' "an empty buffer is = { 0 }:"
long=$(awk 'FNR == 1 { if (name && n > 800) print name ": " n " lines"; name = FILENAME } { n = FNR }
	END { if (n > 800) print name ": " n " lines" }' $(find emulators -name '*.[ch]'))
complain "files over 800 lines have a second subject:" "$long"
[ "$bad" = 0 ] && echo "lint: clean"
exit $bad
