#!/usr/bin/env bash
# lint.sh tidy | cpp: what clang-tidy and cppcheck find in the sources
# of a configured build.  .clang-tidy says what is looked for, and why not all.
set -eu
builddir=$(realpath "${builddir:=.}")
cd "$(dirname "$0")/.."
shopt -s nullglob
modules='libsodium lmdb libbsd-overlay libconfuse jansson smartcols
	libmicrohttpd check'
defines=(
	'-DKEYD_RUNTIME_DIR_DEFAULT="/run/keyd"'
	'-DKEYD_STATE_DIR_DEFAULT="/var/lib/keyd"'
	'-DKEYD_CONFIG_DEFAULT="/etc/keyd.conf"'
	'-DKEYD_HTTP_SOCKET_DEFAULT="/run/keyd-http/http.sock"'
)
nginx=()
for folder in objs src/core src/event src/os/unix src/http src/http/modules \
	src/http/v2; do
	nginx+=(-isystem "$builddir/nginx/$folder")
done
folders=(-Iinclude -Iwire -Iservice -Idaemon -Iplugin -Ihttp -Itools -Itests)

# One file at a time, as many at once as there are processors.
tidy() {
	local flags
	# shellcheck disable=SC2086 # a list
	read -ra flags <<<"$(pkg-config --cflags $modules)"
	printf '%s\0' {wire,service,daemon,plugin,http,tools}/*.c tests/{,*/}*.c |
		xargs -0 -P "$(nproc)" -I{} clang-tidy --quiet {} -- -std=c17 \
			-include "$builddir/config.h" "${defines[@]}" \
			"${folders[@]}" "${flags[@]}" "${nginx[@]}" \
			2> >(grep -v 'warnings\? generated' >&2)
}

# It reads no system headers, and must be shown the lists of BSD.
cpp() {
	cppcheck --quiet --std=c11 --enable=warning,performance,portability \
		--inline-suppr --error-exitcode=1 -j "$(nproc)" \
		--include=/usr/include/bsd/sys/queue.h "${folders[@]}" \
		"${defines[@]}" wire service daemon plugin http tools
}

"${1:?tidy or cpp}"
