#!/bin/bash
set -euo pipefail
export AWS_DEFAULT_REGION=us-east-1 AWS_PAGER=
aws sts get-caller-identity --query Account --output text
aws s3 ls
echo '{"index":1}' | aws s3 cp - s3://user-0affea73130b-bucket/topics/0affea73130b.pin/partition=0/by-hand.json
aws s3 ls s3://user-0affea73130b-bucket/topics/0affea73130b.pin/partition=0/by-hand.json
aws s3api get-object --bucket user-0affea73130b-bucket --key topics/0affea73130b.pin/partition=0/by-hand.json /dev/stdout --query ContentLength
aws kinesis describe-stream-summary --stream-name streaming-0affea73130b-pin --query StreamDescriptionSummary.StreamStatus --output text
aws kinesis list-streams --output text
