#!/bin/sh
# Prints tarn help tutorial: the lessons, made of the scenarios that are given as arguments: title, what it is about, each step with its
# statements. What is expected there is what was seen: the scenarios are tests.
set -eu
cat <<'HEAD'
Lessons: each is a scenario that runs as it stands, on a stack of its own, and a step's title is what is seen

  tarn run scenarios/01-batch-to-lake.tarn            # a point for each step
  tarn run --step scenarios/01-batch-to-lake.tarn     # stops after each; the console shows what there is
  tarn run scenarios/                                 # all of them; what a line can say: tarn help scenario
HEAD
for f in "$@"; do
	awk -v file="$f" '
	/^scenario /  { sub(/^scenario +"/, ""); sub(/"$/, ""); title = $0; next }
	/^about /     { sub(/^about +"/, ""); sub(/"$/, ""); about = $0; next }
	/^lesson /    { lesson = $2 + 0; next }
	/^step /      {
		if (!n++)
			printf "\n\nLesson %d: %s\n%s\n(%s)\n", lesson, title, about, file
		sub(/^step +"/, ""); sub(/".*$/, "")
		printf "\n  %d.%d %s\n", lesson, n, $0
		next
	}
	n && NF       { print "    " $0 }
	' "$f"
done
