#!/usr/bin/env bash
# The units, as they are installed, are what systemd takes them for, and leave
# keyd and keyd-http an exposure of 1.0 at most of the 10 that there are.
set -eu
: "${builddir:=.}" "${srcdir:=.}"
most=10 # in tenths, as --threshold wants it
units=$(mktemp -d)
trap 'rm -rf "$units"' EXIT

# They are not installed here: the units run those that were built.
cp "$builddir"/systemd/keyd*.s* "$units"
sed -i "s|^ExecStart=.*|ExecStart=$(realpath "$builddir/keyd")|" \
	"$units/keyd.service"
sed -i "s|^ExecStart=.*|ExecStart=$(realpath "$builddir/keyd-http")|" \
	"$units/keyd-http.service"
faults=$(systemd-analyze verify --man=no "$units"/keyd* 2>&1 |
	grep -F "$units" || true)
if [ -n "$faults" ]; then
	printf '%s\n' "$faults"
	exit 1
fi
for service in keyd keyd-http; do
	systemd-analyze security --offline=true --no-pager --threshold=$most \
		"$units/$service.service"
	systemd-sysusers --dry-run \
		"$(realpath "$srcdir")/systemd/sysusers.d/$service.conf"
done
