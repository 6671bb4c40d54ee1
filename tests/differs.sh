#!/bin/sh
# Prints a C table of what the comments in $1 say after DIFFERS: tarn help differences prints it.
set -eu
echo 'struct difference { const char *where, *text; };'
echo 'extern const struct difference differences[];'
echo 'const struct difference differences[] = {'
cd "$1"
find . -name '*.[ch]' | sed 's,^\./,,' | LC_ALL=C sort | xargs awk '
	function flush() { if (text != "") printf "\t{ \"%s\", \"%s\" },\n", where, text; text = "" }
	index($0, "DIFFERS:") { flush(); inside = 1; where = FILENAME; sub(/.*DIFFERS: */, "") }
	inside {
		sub(/^[ \t]*\* ?/, "")
		if ($0 == "") { inside = 0; flush(); next }
		ended = sub(/ *\*\/.*/, "")
		gsub(/\\/, "\\\\\\\\")
		gsub(/"/, "\\\"")
		text = text (text == "" ? "" : " ") $0
		if (ended) { inside = 0; flush() }
	}'
echo '	{ 0, 0 },'
echo '};'
