#!/bin/sh
# The console's steps by the AWS CLI: an API with a Kinesis and a mock method, deployed, exported, tried, given keys.
cd "$(dirname "$0")/../.." || exit 1
TARN=${TARN:-build/tarn}
AWS=/usr/bin/aws
[ -x "$AWS" ] || AWS=$(command -v aws) || { echo "SKIP: no AWS CLI"; exit 77; }
tmp=$(mktemp -d)
"$TARN" up --only kinesis,apigateway --ports=auto --data "$tmp/data" --endpoints-file "$tmp/ends.json" >"$tmp/log" 2>&1 &
pid=$!
trap 'kill $pid 2>/dev/null; wait $pid 2>/dev/null; rm -rf "$tmp"' EXIT
while [ ! -s "$tmp/ends.json" ]; do kill -0 $pid || exit 1; done
end=$(sed -n 's/.*"aws": *"\([^"]*\)".*/\1/p' "$tmp/ends.json")
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1 AWS_PAGER= AWS_EC2_METADATA_DISABLED=true
n=0 bad=0
agw() { "$AWS" --endpoint-url "$end" --output text apigateway "$@" 2>"$tmp/err"; }
ok() { # name, got, wanted
	n=$((n + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $n - $1"
	else
		bad=1
		echo "not ok $n - $1"
		printf '# got %s\n# not %s\n' "$2" "$3"
		sed 's/^/# /' "$tmp/err"
	fi
}
like() { # name, got, pattern
	n=$((n + 1))
	case $2 in
	$3) echo "ok $n - $1" ;;
	*) bad=1; echo "not ok $n - $1"; printf '# got %s\n' "$2"; sed 's/^/# /' "$tmp/err" ;;
	esac
}

api=$(agw create-rest-api --name streams --description "by hand" --endpoint-configuration types=REGIONAL --tags team=data --query id)
like "create-rest-api" "$api" "??????????"
ok "get-rest-api" "$(agw get-rest-api --rest-api-id "$api" --query '[name,description,endpointConfiguration.types[0],tags.team,disableExecuteApiEndpoint]')" \
	"streams	by hand	REGIONAL	data	False"
root=$(agw get-resources --rest-api-id "$api" --query 'items[?path==`/`].id')
ok "get-resources: the root alone" "$(agw get-resources --rest-api-id "$api" --query 'length(items)')" 1
streams=$(agw create-resource --rest-api-id "$api" --parent-id "$root" --path-part streams --query id)
one=$(agw create-resource --rest-api-id "$api" --parent-id "$streams" --path-part '{stream-name}' --query id)
ok "create-resource" "$(agw get-resource --rest-api-id "$api" --resource-id "$one" --query '[path,parentId]')" "/streams/{stream-name}	$streams"

# A stream is made through the gateway's Kinesis integration.
at="--rest-api-id $api --resource-id $one --http-method POST"
ok "put-method" "$(agw put-method $at --authorization-type NONE --request-parameters method.request.path.stream-name=true \
	--query '[httpMethod,authorizationType,apiKeyRequired,requestParameters."method.request.path.stream-name"]')" "POST	NONE	False	True"
cat >"$tmp/integration.json" <<'JSON'
{"type": "AWS", "integrationHttpMethod": "POST", "uri": "arn:aws:apigateway:us-east-1:kinesis:action/CreateStream",
 "credentials": "arn:aws:iam::000000000000:role/gateway", "passthroughBehavior": "WHEN_NO_TEMPLATES",
 "requestParameters": {"integration.request.header.Content-Type": "'application/x-amz-json-1.1'"},
 "requestTemplates": {"application/json": "{\"ShardCount\": #if($input.path('$.ShardCount') == '') 5 #else $input.path('$.ShardCount') #end, \"StreamName\": \"$input.params('stream-name')\"}"}}
JSON
ok "put-integration" "$(agw put-integration $at --cli-input-json "file://$tmp/integration.json" --query '[type,httpMethod,passthroughBehavior,timeoutInMillis]')" \
	"AWS	POST	WHEN_NO_TEMPLATES	29000"
ok "put-method-response" "$(agw put-method-response $at --status-code 200 --response-models application/json=Empty --query statusCode)" 200
ok "put-integration-response" "$(agw put-integration-response $at --status-code 200 --response-templates '{"application/json": "{\"made\": true}"}' --query statusCode)" 200
ok "test-invoke-method" "$(agw test-invoke-method $at --path-with-query-string /streams/mine --body '{"ShardCount": 2}' --query '[status,body]')" '200	{"made": true}'
like "test-invoke-method's log" "$(agw test-invoke-method $at --path-with-query-string /streams/mine --query log)" \
	'*Endpoint request body after transformations: {"ShardCount":  5 , "StreamName": "mine"}*Received response. Status: 400*Method completed with status: 200*'
ok "the stream is there" "$("$AWS" --endpoint-url "$end" --output text kinesis describe-stream-summary --stream-name mine --query StreamDescriptionSummary.OpenShardCount)" 2

at="--rest-api-id $api --resource-id $streams --http-method GET"
agw put-method $at --authorization-type NONE --api-key-required >/dev/null
agw put-integration $at --type MOCK --request-templates '{"application/json": "{\"statusCode\": 200}"}' >/dev/null
agw put-method-response $at --status-code 200 >/dev/null
agw put-integration-response $at --status-code 200 --response-templates '{"application/json": "{\"color\": \"$stageVariables.color\"}"}' >/dev/null
ok "get-method with its integration" "$(agw get-method $at --query '[apiKeyRequired,methodIntegration.type,methodIntegration.integrationResponses."200".statusCode]')" "True	MOCK	200"

deployment=$(agw create-deployment --rest-api-id "$api" --stage-name prod --variables color=red --query id)
ok "create-deployment makes the stage" "$(agw get-stage --rest-api-id "$api" --stage-name prod --query '[deploymentId,variables.color]')" "$deployment	red"
ok "update-stage" "$(agw update-stage --rest-api-id "$api" --stage-name prod --patch-operations op=replace,path=/variables/color,value=blue \
	'op=replace,path=/*/*/throttling/rateLimit,value=50' 'op=replace,path=/*/*/throttling/burstLimit,value=20' op=replace,path=/description,value=live \
	--query '[variables.color,description,methodSettings."*/*".throttlingRateLimit,methodSettings."*/*".throttlingBurstLimit]')" "blue	live	50.0	20"
agw get-export --rest-api-id "$api" --stage-name prod --export-type oas30 --parameters extensions=apigateway "$tmp/export.json" >/dev/null
ok "get-export" "$(/usr/bin/python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); print(d["openapi"], sorted(d["paths"]), d["info"]["title"])' "$tmp/export.json")" \
	"3.0.1 ['/streams', '/streams/{stream-name}'] streams"
again=$(agw import-rest-api --body "fileb://$tmp/export.json" --query id)
ok "import-rest-api of the export" "$(agw get-resources --rest-api-id "$again" --query 'length(items)')" 3

key=$(agw create-api-key --name producer --enabled --value 0123456789abcdefghij --query id)
plan=$(agw create-usage-plan --name daily --throttle burstLimit=10,rateLimit=10 --quota limit=3,period=DAY --api-stages "apiId=$api,stage=prod" --query id)
ok "create-usage-plan-key" "$(agw create-usage-plan-key --usage-plan-id "$plan" --key-id "$key" --key-type API_KEY --query '[name,value]')" "producer	0123456789abcdefghij"
ok "get-api-key with its value" "$(agw get-api-key --api-key "$key" --include-value --query value)" 0123456789abcdefghij
url=$end/restapis/$api/prod/_user_request_/streams
ok "a call without the key" "$(curl -s -o /dev/null -w '%{http_code}' "$url")" 403
ok "a call with it" "$(curl -s -H 'x-api-key: 0123456789abcdefghij' "$url")" '{"color": "blue"}'
ok "the quota of three" "$(for i in 1 2 3; do curl -s -o /dev/null -w '%{http_code} ' -H 'x-api-key: 0123456789abcdefghij' "$url"; done)" "200 200 429 "
ok "get-usage" "$(agw get-usage --usage-plan-id "$plan" --start-date "$(date -u +%Y-%m-%d)" --end-date "$(date -u +%Y-%m-%d)" --query "items.\"$key\"[0]")" "3	0"
agw delete-usage-plan --usage-plan-id "$plan"
like "a plan with a stage stays" "$(cat "$tmp/err")" "*BadRequestException*"
agw update-usage-plan --usage-plan-id "$plan" --patch-operations "op=remove,path=/apiStages,value=$api:prod" >/dev/null
agw delete-usage-plan --usage-plan-id "$plan"
ok "delete-rest-api" "$(agw delete-rest-api --rest-api-id "$api"; echo $?)" 0
agw get-rest-api --rest-api-id "$api"
like "and it is gone" "$(cat "$tmp/err")" "*NotFoundException*Invalid API identifier specified*$api*"
echo "1..$n"
exit $bad
