#!/usr/bin/env bash
# What the compiler and linker were asked for is in the files that they made.
set -eu
: "${builddir:=.}"
failed=0

# has FILE WHAT PATTERN: in what readelf says of it.
has() {
	grep -qE "$3" <<<"$seen" && return 0
	printf '%s: no %s\n' "$1" "$2"
	failed=1
}

for file in keyd keydctl .libs/keyd-http \
	.libs/{pam_keyd,mosquitto_keyd,ngx_http_keyd_module,libkeyd}.so; do
	# Some are built where their headers are, or when they are wanted.
	[[ $file != @(*_keyd.so|*_module.so|*-http) ||
		-e $builddir/$file ]] || continue
	seen=$(readelf -hldW "$builddir/$file")
	has "$file" 'position-independent code' '^ *Type: +DYN '
	has "$file" 'read-only relocations' 'GNU_RELRO'
	has "$file" 'binding at start' '\(FLAGS_1\).*NOW'
	has "$file" 'stack without execution' 'GNU_STACK.* RW '
done
has .libs/libkeyd.so 'protection against dlclose' '\(FLAGS_1\).*NODELETE'
exit $failed
