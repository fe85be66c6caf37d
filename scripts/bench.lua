-- For wrk: a browser's request, and the figures as one line of JSON. With an argument, each thread stops after that many
-- answers; with one connection a thread that makes an exact number of requests.
local counted = 0
local limit

function init(arguments)
  limit = tonumber(arguments[1])
  wrk.headers["User-Agent"] = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
  wrk.headers["Accept"] = "text/html,application/xhtml+xml"
  wrk.headers["Accept-Language"] = "uk-UA,uk;q=0.9"
  if limit then
    response = function()
      counted = counted + 1
      if counted >= limit then wrk.thread:stop() end
    end
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"seconds":%.3f,"not_ok":%d,"broken":%d,"p50_ms":%.2f,"p99_ms":%.2f,"max_ms":%.2f}\n',
    summary.requests, summary.duration / 1e6, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3))
end
