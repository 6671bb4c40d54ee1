#!/bin/sh
set -e
B=b-1.pinterestmskcluster.w8g8jt.c12.kafka.us-east-1.amazonaws.com
kcat -b $B:9092 -L | grep 'broker\|partitions' | head -5
for i in 1 2 3 4; do echo "{\"ind\": $i}"; done | kcat -b $B:9092 -P -t 0b1c2d3e4f5a.geo
kcat -b $B:9092 -C -t 0b1c2d3e4f5a.geo -o beginning -e -q
# the TLS listener, as the bootstrap string of the console has it
echo '{"ind": 5}' | kcat -b $B:9094 -X security.protocol=ssl -P -t 0b1c2d3e4f5a.geo
kcat -b $B:9094 -X security.protocol=ssl -C -t 0b1c2d3e4f5a.geo -o -1 -e -q
