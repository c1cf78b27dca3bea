#!/usr/bin/env bash
# abi.sh [record]: a program that was built with the released libkeyd works with
# this one.  Nothing that was there is gone or different; what is new is new
# functions, new constants, and members behind the last of a struct that begins
# with its size.  record: writes down this ABI, as a release does.
set -eu
: "${srcdir:=.}" "${builddir:=.}"
released=$srcdir/plugin/abi/libkeyd-0.abi
library=$builddir/.libs/libkeyd.so
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0

# What keyd.h shows of the library, and nothing of how it was built.
describe() {
	abidw --headers-dir "$srcdir/include" --drop-private-types \
		--exported-interfaces-only --no-corpus-path --no-show-locs \
		--no-comp-dir-path --no-architecture --no-elf-needed \
		--no-parameter-names "$library"
}

# The lines of a report that are not about members behind the last.  Room at
# the end of a struct that was padding is not behind it.
harm() {
	awk -v "quote='" '
	BEGIN { sized = "^" quote "struct keyd_(verdict|options|key_options|" \
		"key|filter|key_info|member)" quote " changed:$" }
	/^$/ || /summary: / { next }
	$0 ~ sized { size = 0; next }
	/^  type size changed from [0-9]+ to [0-9]+ \(in bits\)$/ {
		size = $5; next
	}
	/^  [0-9]+ data member insertions?:$/ { next }
	size && match($0, /, at offset [0-9]+ \(in bits\)$/) {
		split(substr($0, RSTART), at, " ")
		if (at[3] >= size) next
	}
	{ print }' "$1"
}

# compatible OLD NEW
compatible() {
	local status=0
	abidiff --leaf-changes-only --no-added-syms "$1" "$2" \
		>"$scratch/report" 2>&1 || status=$?
	# 4: there are changes; 8: such as every program would notice.
	case $status in
	0 | 4) [ -z "$(harm "$scratch/report")" ] ;;
	12) return 1 ;;
	*)
		echo "abidiff ends with $status"
		cat "$scratch/report"
		exit 1
		;;
	esac
}

# expect yes|no OLD NEW WHAT
expect() {
	local found=no
	! compatible "$2" "$3" || found=yes
	[ $found = "$1" ] && return 0
	echo "taken for compatible, $found: $4"
	cat "$scratch/report"
	failed=1
}

# tried FORTH BACK WHAT SED-EXPRESSION...: whether the release may follow what
# the expressions make of it, and the other way round.
tried() {
	local forth=$1 back=$2 what=$3 other=$scratch/other
	shift 3
	sed "$@" "$released" >"$other"
	! cmp -s "$released" "$other" || {
		echo "no longer tried: $what"
		failed=1
	}
	expect "$forth" "$other" "$released" "$what"
	expect "$back" "$released" "$other" "$what, and back"
}

# The judge is to be trusted.
judge() {
	local verdict="/class-decl name='keyd_verdict'/,/class-decl>/"
	tried no no 'a function with another name' 's/keyd_show/keyd_gone/'
	tried no no 'members in another order' -e "s/'rate_limit'/'here'/" \
		-e "s/'rate_reset'/'rate_limit'/" -e "s/'here'/'rate_reset'/"
	tried no no 'a member in the middle' -e "$verdict{" \
		-e "/layout-offset-in-bits='96'/,+2d" -e '}'
	tried no no 'a constant with another value' "s/value='-3'/value='-13'/"
	tried no no 'another size of a text' -e "s/length='24'/length='16'/" \
		-e "s/size-in-bits='192'/size-in-bits='128'/"
	tried no no 'a member in what was padding' -e "$verdict{" \
		-e "/layout-offset-in-bits='3072'/,+2d" -e '}'
	tried yes no 'a member at the end' -e "$verdict{" \
		-e "/layout-offset-in-bits='3072'/,+2d" \
		-e "s/size-in-bits='4096'/size-in-bits='3072'/" -e '}'
	tried yes no 'a constant that is new' "/name='KEYD_EBUSY'/d"
	tried yes no 'a function that is new' \
		-e "/elf-symbol name='keyd_show'/d" \
		-e "/function-decl name='keyd_show'/,/function-decl>/d"
}

if [ "${1:-}" = record ]; then
	describe >"$scratch/new"
	mv "$scratch/new" "$released"
	exit 0
fi
[ "$(getconf LONG_BIT)" = 64 ] || {
	echo 'the ABI that was written down is that of machines of 64 bits'
	exit 77
}
judge
describe >"$scratch/now"
grep -q "class-decl name='keyd_verdict' size" "$scratch/now" || {
	echo 'libkeyd.so is built without -g: its structs cannot be seen'
	exit 1
}
compatible "$released" "$scratch/now" || {
	cat "$scratch/report"
	echo "this libkeyd is not compatible with the released one: $released"
	failed=1
}
exit $failed
