#!/usr/bin/env bash
# The manuals have no fault that mandoc knows.  Whether a page of another
# project is installed here is none of theirs.
set -eu
: "${srcdir:=.}"
command -v mandoc >/dev/null || {
	echo 'no mandoc: on Debian, apt-get install mandoc'
	exit 1
}
faults=$(mandoc -T lint "$srcdir"/man/*.[0-9] |
	grep -v 'STYLE: referenced manual not found' || true)
[ -z "$faults" ] && exit 0
printf '%s\n' "$faults"
exit 1
