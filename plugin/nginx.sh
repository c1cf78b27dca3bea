#!/usr/bin/env bash
# nginx.sh SOURCES FOLDER: lays out in the folder the headers that a module for
# nginx is built with.
#
# Which fields the structures of nginx have depends on how it was configured.
# The nginx-dev of Debian says how that was; sources that were configured
# already are taken as they are.
set -eu
sources=$(realpath "$1")
NGX_CONF_FLAGS=(--with-compat)

configure() {
	cd "$1"
	[ ! -e objs/ngx_auto_config.h ] || return 0
	# shellcheck source=/dev/null
	[ ! -e conf_flags ] || . ./conf_flags
	./configure "${NGX_CONF_FLAGS[@]}" --with-cc="${CC:-cc}" \
		>configure.log 2>&1 || {
		tail -n 20 configure.log
		return 1
	}
}

# All of it or nothing.
rm -rf "$2" "$2.new"
mkdir -p "$2.new"
cp -rs "$sources/." "$2.new"
(configure "$2.new")
mv "$2.new" "$2"
