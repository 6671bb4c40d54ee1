#!/bin/sh
# EC2-NAME: a REST API whose {proxy+} is the Kafka REST proxy on that machine, deployed as prod; prints its id.
set -eu
api=$(aws apigateway create-rest-api --name posts --query id --output text)
root=$(aws apigateway get-resources --rest-api-id "$api" --query "items[0].id" --output text)
proxy=$(aws apigateway create-resource --rest-api-id "$api" --parent-id "$root" --path-part "{proxy+}" --query id --output text)
aws apigateway put-method --rest-api-id "$api" --resource-id "$proxy" --http-method ANY --authorization-type NONE \
	--request-parameters method.request.path.proxy=true >/dev/null
aws apigateway put-integration --rest-api-id "$api" --resource-id "$proxy" --http-method ANY --type HTTP_PROXY --integration-http-method ANY \
	--uri "http://$1:8082/{proxy}" --request-parameters integration.request.path.proxy=method.request.path.proxy >/dev/null
aws apigateway create-deployment --rest-api-id "$api" --stage-name prod >/dev/null
echo "$api"
