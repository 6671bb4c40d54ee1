#!/bin/sh
# Builds each target with libFuzzer, ASan and UBSan and runs it FUZZ_SECONDS from its corpus; finds stay in build-fuzz.
set -eu
cd "$(dirname "$0")/../.."
seconds=${FUZZ_SECONDS:-60}
make --no-print-directory -j2 B=build-fuzz CC=clang CFLAGS="-O1 -g -Wno-gnu-variable-sized-type-not-at-end" \
	SAN="-fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=undefined" build-fuzz/libtarn.a
libs=$(pkg-config --libs libuv libmicrohttpd jansson sqlite3 libcurl rdkafka libmariadb gnutls nettle hogweed gmp libcbor expat zlib snappy liblz4 libzstd libbrotlidec libpcre2-8 yaml-0.1 libnghttp2)
for t in tests/fuzz/fuzz_*.c; do
	name=$(basename "$t" .c | sed s/^fuzz_//)
	mkdir -p "build-fuzz/finds/$name" "build-fuzz/corpus/$name"
	clang -O1 -g -D_GNU_SOURCE -Iemulators $(pkg-config --cflags libuv sqlite3 jansson) \
		-fsanitize=address,undefined,fuzzer -fno-sanitize-recover=undefined -o "build-fuzz/fuzz_$name" "$t" \
		build-fuzz/libtarn.a $libs -lm -lpthread
	echo "== $name"
	"build-fuzz/fuzz_$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=0 -verbosity=0 \
		-artifact_prefix="build-fuzz/finds/$name/" "build-fuzz/corpus/$name" "tests/fuzz/corpus/$name"
done
