#!/bin/sh
# Prints a C table of every file below $1: the default stack, embedded in the binary (core/stack.c reads it).
set -eu
echo '#include <stddef.h>'
echo 'struct stack_file { const char *path; const unsigned char *data; size_t n; };'
cd "$1"
i=0
for f in $(find . -type f | sed 's,^\./,,' | LC_ALL=C sort); do
	echo "static const unsigned char f$i[] = {"
	od -An -v -tx1 "$f" | sed 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g'
	echo '0 };'
	i=$((i + 1))
done
echo 'extern const struct stack_file stack_files_embedded[];'
echo 'const struct stack_file stack_files_embedded[] = {'
i=0
for f in $(find . -type f | sed 's,^\./,,' | LC_ALL=C sort); do
	echo "{ \"$f\", f$i, sizeof(f$i) - 1 },"
	i=$((i + 1))
done
echo '{ NULL, NULL, 0 } };'
