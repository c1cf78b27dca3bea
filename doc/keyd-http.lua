-- SPDX-License-Identifier: ISC
--
-- keyd-http.lua - HAProxy asks keyd-http(8), over its Unix socket.
--
--     global
--         lua-load /usr/local/share/doc/keyd/keyd-http.lua
--     frontend api
--         http-request lua.keyd permission=tests:run
--
-- The argument is what the query of /auth takes; "any" is any valid key.  A
-- refusal is answered here.  Afterwards txn.keyd_key_id, txn.keyd_org and
-- txn.keyd_user are set.  Whatever goes wrong, nobody is let in.
--
-- KEYD_HTTP_SOCKET, by setenv before lua-load, is another socket, as HAProxy
-- sees it in its chroot, or an address such as 127.0.0.1:8180.

local place = os.getenv("KEYD_HTTP_SOCKET") or "/run/keyd-http/http.sock"
local keyd_http = place:sub(1, 1) == "/" and "unix@" .. place or place

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
		dst = keyd_http,
		headers = { authorization = authorization(txn) },
		timeout = 1000,
	})
end

-- HAProxy makes an answer of its own, 503, where nobody listens.
local function is_keyd_http(answer)
	return answer and answer.status and answer.headers and
	    (answer.headers["x-keyd-status"] or
	    (answer.status >= 400 and answer.status < 500))
end

local function unavailable(txn)
	txn:log(core.err, "keyd-http does not answer at " .. keyd_http ..
	    ": does it run, and may this user and chroot reach it?")
	return refuse(txn, 503, { headers = { ["retry-after"] = { [0] = "1" } } })
end

core.register_action("keyd", { "http-req" }, function(txn, wanted)
	local asked, answer = pcall(ask, txn, wanted)

	if not asked or not is_keyd_http(answer) then
		return unavailable(txn)
	end
	if answer.status ~= 200 then
		return refuse(txn, answer.status, answer)
	end
	for _, name in ipairs({ "key_id", "org", "user" }) do
		local values = answer.headers["x-keyd-" .. name:gsub("_", "-")]
		if not values then
			return unavailable(txn)
		end
		txn:set_var("txn.keyd_" .. name, values[0])
	end
end, 1)
