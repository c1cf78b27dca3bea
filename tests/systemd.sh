#!/usr/bin/env bash
# The units, as they are installed, are what systemd takes them for, and leave
# keyd an exposure of 1.0 at most of the 10 that there are.
set -eu
: "${builddir:=.}" "${srcdir:=.}"
most=10 # in tenths, as --threshold wants it
units=$(mktemp -d)
trap 'rm -rf "$units"' EXIT

# keyd is not installed here: the unit runs the one that was built.
cp "$builddir"/systemd/keyd*.s* "$units"
sed -i "s|^ExecStart=.*|ExecStart=$(realpath "$builddir/keyd")|" \
	"$units/keyd.service"
faults=$(systemd-analyze verify --man=no "$units"/keyd* 2>&1 |
	grep -F "$units" || true)
if [ -n "$faults" ]; then
	printf '%s\n' "$faults"
	exit 1
fi
systemd-analyze security --offline=true --no-pager --threshold=$most \
	"$units/keyd.service"
systemd-sysusers --dry-run "$(realpath "$srcdir")"/systemd/sysusers.d/keyd.conf
