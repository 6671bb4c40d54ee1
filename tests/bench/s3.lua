-- Requests of a file that s3_requests.py made, in turn: "METHOD PATH", lines "name: value", an empty line. BODY: the file all of them send.
local ready, at, bad = {}, 0, 0
function init()
  local b = os.getenv("BODY")
  local body = b and assert(io.open(b, "rb")):read("*a")
  local method, path, headers
  for line in io.lines(os.getenv("REQUESTS")) do
    if line == "" then
      ready[#ready + 1] = wrk.format(method, path, headers, body)
      method = nil
    elseif not method then
      method, path = line:match("^(%S+) (.*)$")
      headers = {}
    else
      local name, value = line:match("^(.-): (.*)$")
      headers[name] = value
    end
  end
end
function request()
  at = at % #ready + 1
  return ready[at]
end
function response(status) if status ~= 200 and status ~= 201 and status ~= 204 then bad = bad + 1 end end
function done(summary, latency)
  io.write(string.format("RESULT %d %d %d %d %d\n", summary.requests, summary.duration, latency:percentile(50),
    latency:percentile(99), summary.errors.status + summary.errors.read + summary.errors.timeout))
end
