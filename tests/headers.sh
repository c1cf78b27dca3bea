#!/usr/bin/env bash
# Each header compiles alone, and twice; keyd.h for everybody's compiler; and
# nobody includes what is not theirs to include.
set -eu
: "${srcdir:=.}" "${CC:=cc}" "${CXX:=c++}" "${libs_cflags:=}"
: "${nginx_cflags:=}" # "": it is not built here
cd "$srcdir"
failed=0

declare -A may=(
	[include]='include'
	[wire]='wire'
	[service]='service'
	[plugin]='include wire plugin'
	[daemon]='include wire service daemon'
	[http]='include service http'
	[tools]='include wire service plugin tools'
)

fail() {
	printf '%s\n' "$*"
	failed=1
}

# folders: as -I options.
search() {
	local folder
	for folder in $1; do
		printf -- '-I%s ' "$folder"
	done
}

# compile HEADER COMPILER...: as the only thing in a file.
compile() {
	local header=$1
	shift
	printf '#include "%s"\n#include "%s"\n' "$header" "$header" |
		"$@" -fsyntax-only - || fail "$header does not compile alone: $*"
}

alone() {
	local folder header
	for folder in "${!may[@]}"; do
		for header in "$folder"/*.h; do
			[[ $header != plugin/ngx_* || -n $nginx_cflags ]] ||
				continue
			# shellcheck disable=SC2046,SC2086 # lists of options
			compile "${header#*/}" $CC -x c -std=c17 -D_GNU_SOURCE \
				-Wall -Wextra -Wshadow -Wconversion -Wundef \
				-Wstrict-prototypes -Wvla -Werror \
				$(search "${may[$folder]}") $libs_cflags \
				$nginx_cflags
		done
	done
}

public() {
	local std
	for std in c99 c11 c17; do
		# shellcheck disable=SC2086 # CC may have options
		compile keyd.h $CC -x c -std=$std -Wall -Wextra -Wpedantic \
			-Wconversion -Werror -Iinclude
	done
	for std in c++11 c++17; do
		# shellcheck disable=SC2086 # CXX may have options
		compile keyd.h $CXX -x c++ -std=$std -Wall -Wextra -Wpedantic \
			-Wconversion -Werror -Iinclude
	done
}

# reachable NAME FOLDERS: one of them has it.
reachable() {
	local folder
	for folder in $2; do
		[ -e "$folder/$1" ] && return 0
	done
	return 1
}

rules() {
	local folder file name
	for folder in "${!may[@]}"; do
		for file in "$folder"/*.[ch]; do
			while read -r name; do
				reachable "$name" "${may[$folder]}" ||
					fail "$file may not include \"$name\""
			done < <(sed -n 's/^# *include *"\(.*\)".*/\1/p' "$file")
		done
	done
}

one_lmdb() {
	local users
	users=$(grep -lE '^# *include *<lmdb.h>' ./*/*.[ch])
	[ "$(wc -l <<<"$users")" = 1 ] ||
		fail "one file may include <lmdb.h>, not:" "$users"
}

alone
public
rules
one_lmdb
exit $failed
