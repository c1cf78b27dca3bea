#!/usr/bin/env bash
# What libkeyd.so exports is what keyd.h declares is what section 3 of the
# manual documents; and it needs nothing but libc and libsodium.
set -eu
: "${srcdir:=.}" "${builddir:=.}" "${CC:=cc}" "${NM:=nm}"
: "${instrumented:=}"
library=$builddir/.libs/libkeyd.so
header=$srcdir/include/keyd.h
manuals=("$srcdir"/man/keyd_*.3)
failed=0

# same WHAT ONE OTHER: two lists, one name a line.
same() {
	diff -u <(sort -u <<<"$2") <(sort -u <<<"$3") && return 0
	printf '%s\n\n' "$1"
	failed=1
}

# shellcheck disable=SC2086 # may have options
{
	exported=$($NM -D --defined-only "$library" |
		awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }')
	declared=$($CC -E -P "$header" | grep -v '^typedef' |
		grep -oE '\bkeyd_[a-z0-9_]+ *\(' |
		tr -d ' (')
}
named=$(awk '$1 == ".Nm" && $2 ~ /^keyd_/ { print $2 }' \
	"${manuals[@]}")
described=$(awk '($1 == ".Fn" || $1 == ".Fo") && $2 ~ /^keyd_/ { print $2 }' \
	"${manuals[@]}")

[ -n "$exported" ] && [ -n "$declared" ]
same 'keyd.h (-) does not declare what libkeyd.so (+) exports' \
	"$declared" "$exported"
same 'keyd.h (-) does not declare what section 3 names (+)' \
	"$declared" "$named"
same 'keyd.h (-) does not declare what section 3 describes (+)' \
	"$declared" "$described"

needed=$(readelf -dW "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
if [ -z "$instrumented" ] &&
	grep -vE '^(libc|libsodium)\.so\.' <<<"$needed"; then
	echo 'libkeyd.so needs more than libc and libsodium'
	failed=1
fi
exit $failed
