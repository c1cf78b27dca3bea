-- SPDX-License-Identifier: ISC
--
-- keyd-http.lua - HAProxy asks keyd-http(8), over its Unix socket.
--
--     global
--         lua-load /usr/share/doc/keyd/keyd-http.lua
--     frontend api
--         http-request lua.keyd permission=tests:run
--
-- The argument is what the query of /auth takes; "any" is any valid key.  A
-- refusal is answered here.  Afterwards txn.keyd_key_id, txn.keyd_org and
-- txn.keyd_user are set.  Whatever goes wrong, nobody is let in.

local socket = os.getenv("KEYD_HTTP_SOCKET") or "/run/keyd-http/http.sock"

-- Headers of the answer that are the client's.
local passed = { "www-authenticate", "retry-after", "ratelimit",
	"ratelimit-policy" }

local function refuse(txn, code, answer)
	local reply = txn:reply({ status = code })

	for _, name in ipairs(passed) do
		local values = answer and answer.headers[name]
		if values then
			reply:add_header(name, values[0])
		end
	end
	reply:add_header("cache-control", "no-store")
	txn:done(reply)
end

-- All of them: two are for keyd-http to refuse.
local function authorization(txn)
	local values = txn.http:req_get_headers()["authorization"]
	local all, at = {}, 0

	while values and values[at] do
		all[at + 1] = values[at]
		at = at + 1
	end
	return #all > 0 and all or nil
end

local function ask(txn, wanted)
	return core.httpclient():get({
		url = "http://127.0.0.1/auth?" .. wanted,
		dst = "unix@" .. socket,
		headers = { authorization = authorization(txn) },
		timeout = 1000,
	})
end

core.register_action("keyd", { "http-req" }, function(txn, wanted)
	local asked, answer = pcall(ask, txn, wanted)

	if not asked or not answer or not answer.status or
	    answer.status < 200 or answer.status >= 600 then
		return refuse(txn, 503)
	end
	if answer.status ~= 200 then
		return refuse(txn, answer.status, answer)
	end
	for _, name in ipairs({ "key_id", "org", "user" }) do
		local values = answer.headers["x-keyd-" .. name:gsub("_", "-")]
		if not values then
			return refuse(txn, 503)
		end
		txn:set_var("txn.keyd_" .. name, values[0])
	end
end, 1)
