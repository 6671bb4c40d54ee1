-- One call of the Kinesis API, again and again: ACTION names it, BODY the file with its body.
local f = assert(io.open(os.getenv("BODY"), "rb"))
wrk.method = "POST"
wrk.path = "/"
wrk.headers["Content-Type"] = "application/x-amz-json-1.1"
wrk.headers["X-Amz-Target"] = "Kinesis_20131202." .. os.getenv("ACTION")
wrk.headers["X-Amz-Date"] = os.getenv("AMZ_DATE")
wrk.headers["Authorization"] = "AWS4-HMAC-SHA256 Credential=test/" .. os.getenv("AMZ_DATE"):sub(1, 8) ..
  "/us-east-1/kinesis/aws4_request, SignedHeaders=host;x-amz-date, Signature=" .. ("0"):rep(64)
wrk.body = f:read("*a")
function done(summary, latency)
  io.write(string.format("RESULT %d %d %d %d %d\n", summary.requests, summary.duration, latency:percentile(50),
    latency:percentile(99), summary.errors.status + summary.errors.read + summary.errors.timeout))
end
