-- Chooses a pod for each request. The controller tells which pods there are without a reload of nginx: a reload closes
-- kept connections, and a client that just then sends a request on one loses it.
local balancer = require "ngx.balancer"

local known = ngx.shared.pods
local pods = {}

-- Takes the request's body as the whole truth: lines of a key and its pods, as endpoints.py writes them.
function pods.replace()
  ngx.req.read_body()
  local present = {}
  for key, servers in (ngx.req.get_body_data() or ""):gmatch("(%S+) ([^\n]*)") do
    known:set(key, servers)
    present[key] = true
  end
  for _, key in ipairs(known:get_keys(0)) do
    if not present[key] then known:delete(key) end
  end
  ngx.exit(204)
end

-- Answers 503 where there is no pod.
function pods.find()
  local servers = {}
  for server in (known:get(ngx.var.pods) or ""):gmatch("%S+") do servers[#servers + 1] = server end
  if #servers == 0 then ngx.exit(503) end
  ngx.ctx.servers = servers
end

-- A pod by chance, on a retry another one.
function pods.choose()
  local servers = ngx.ctx.servers
  if not ngx.ctx.tried then
    ngx.ctx.tried = true
    balancer.set_more_tries(math.min(#servers - 1, 2))
  end
  local host, port = table.remove(servers, math.random(#servers)):match("^(.*):(%d+)$")
  balancer.set_current_peer(host, tonumber(port))
end

return pods
