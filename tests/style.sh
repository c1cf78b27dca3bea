#!/usr/bin/env bash
# style.sh [CHECK...]: how the sources are written, without running them.
set -eu
cd "$(dirname "$0")/.."
shopt -s nullglob
sources=({include,wire,service,daemon,plugin,http,tools}/*.[ch] tests/{,*/}*.[ch])
scripts=(autogen.sh quickstart .ci/run tests/run
	tests/bench/{run,scan,bulk,nginx}
	plugin/nginx.sh
	tests/{,*/}*.sh)
pythons=(tests/*/*.py doc/clients/*/*.py)
scriptlets=({tests,doc/clients}/*/*.js)

# Code is as clang-format would have it.
format() {
	clang-format --dry-run -Werror "${sources[@]}"
}

# Scripts are as shellcheck would have them.
shell() {
	local script there=()
	for script in "${scripts[@]}"; do
		if [ -e "$script" ]; then
			there+=("$script")
		fi
	done
	shellcheck "${there[@]}"
}

# Every source says on top what its licence is.
licence() {
	local source
	! for source in "${sources[@]}"; do
		[ "$(head -n 1 "$source")" = '/* SPDX-License-Identifier: ISC */' ] ||
			echo "$source: does not begin with its licence"
	done | grep .
}

# Every source is built and every test is run: the Makefile knows them all.
listed() {
	local source
	! for source in "${sources[@]}" "${pythons[@]}" "${scriptlets[@]}" \
		tests/*.sh; do
		# A program of one source is listed without its suffix.
		grep -qE "(^|\s)${source%.c}(\.c)?( |\$)" Makefile.am ||
			echo "$source: not in Makefile.am"
	done | grep .
}

# No line ends in white space.
ends() {
	! grep -nE '[[:space:]]+$' "${sources[@]}" "${pythons[@]}" \
		"${scriptlets[@]}" Makefile.am configure.ac tests/*.sh tests/run
}

[ $# -gt 0 ] || set -- format shell licence listed ends
for check; do
	"$check"
done
