-- One post of the users' script, again and again; REQ names method, path and type, BODY the file with the body.
local f = assert(io.open(os.getenv("BODY"), "rb"))
wrk.method = os.getenv("METHOD") or "POST"
wrk.path = os.getenv("TARGET")
wrk.headers["Content-Type"] = os.getenv("TYPE")
wrk.body = f:read("*a")
local bad = 0
function response(status) if status ~= 200 then bad = bad + 1 end end
function done(summary, latency)
  io.write(string.format("RESULT %d %d %d %d %d\n", summary.requests, summary.duration, latency:percentile(50),
    latency:percentile(99), summary.errors.status + summary.errors.read + summary.errors.timeout))
end
