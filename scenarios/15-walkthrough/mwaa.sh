#!/bin/sh
# ENVIRONMENT COMMAND: a command of Airflow's command line by MWAA's token, as its guide shows.
set -eu
token=$(aws mwaa create-cli-token --name "$1" --query CliToken --output text)
host=$(aws mwaa create-cli-token --name "$1" --query WebServerHostname --output text)
curl -sS "https://$host/aws_mwaa/cli" -H "Authorization: Bearer $token" -H "Content-Type: text/plain" --data-raw "$2" |
	python3 -c "import base64, json, sys; print(base64.b64decode(json.load(sys.stdin)['stdout']).decode())"
