-- For wrk: the requests of a file (each ended by a zero byte) in turn, and the figures as one line of JSON.
local requests = {}
local place = 0

function init(arguments)
  for request in assert(io.open(arguments[1], "rb")):read("*a"):gmatch("(%Z+)%z") do
    requests[#requests + 1] = request
  end
end

function request()
  place = place % #requests + 1
  return requests[place]
end

function done(summary)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"per_second":%.1f,"not_ok":%d,"broken":%d}\n',
    summary.requests, summary.requests / summary.duration * 1e6, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
