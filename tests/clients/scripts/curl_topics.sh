#!/bin/sh
# The API's first tests, by hand.
set -e
API=https://b3n4m5k6j7.execute-api.us-east-1.amazonaws.com/Dev
curl -sSf "$API/topics" | head -c 200
echo
for i in 1 2 3; do
	curl -sSf -X POST "$API/topics/0b8f7a6e5d4c.pin" -H "Content-Type: application/vnd.kafka.json.v2+json" \
		-d "{\"records\": [{\"value\": {\"index\": $i}}]}"
	echo
done
curl -sS --http1.1 -o /dev/null -w '%{http_code}\n' "$API/topics/0b8f7a6e5d4c.pin"
curl -sS "http://ec2-54-165-95-16.compute-1.amazonaws.com:8082/topics" | head -c 100
