#!/bin/sh
# Prints a C table, named $1, of every file below the folders after $2, whose names lose the prefix $2: the stacks embedded
# in the binary, the default one first (core/stack.c reads it), and the texts of tarn help. PACK=1: packed (core/embedded.c unpacks them).
set -eu
table=$1 root=$2
shift 2
files() { for d in "$@"; do find "$d" -type f ! -name '*.pyc' | LC_ALL=C sort; done; }
echo '#include "core/stack.h"'
i=0
for f in $(files "$@"); do
	echo "static const unsigned char f$i[] = {"
	{ [ "${PACK:-}" ] && gzip -9nc "$f" || cat "$f"; } | od -An -v -tx1 | sed 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g'
	echo '0 };'
	i=$((i + 1))
done
echo "extern const struct embedded $table[];"
echo "const struct embedded $table[] = {"
files "$@" | sed "s,^$root/,," | awk '{ printf "{ \"%s\", f%d, sizeof(f%d) - 1 },\n", $0, NR - 1, NR - 1 }'
echo '{ NULL, NULL, 0 } };'
