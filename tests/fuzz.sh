#!/usr/bin/env bash
# fuzz.sh [SECONDS]: each target on its corpus, which is a test under any
# compiler; and with SECONDS, for a build with --enable-fuzz, on from there.
set -eu
: "${srcdir:=.}" "${builddir:=.}" "${fuzz:?which targets}" "${fuzz_flags:=}"
seconds=${1:-0}
failed=0

run() {
	local corpus=$srcdir/tests/fuzz/corpus/$name
	local found=$builddir/$target.found
	if [ "$seconds" -gt 0 ]; then
		mkdir -p "$found"
		"$builddir/$target" -max_total_time="$seconds" -timeout=10 \
			-artifact_prefix="$found/crash-" "$found" "$corpus"
	else
		# shellcheck disable=SC2086 # none or more
		"$builddir/$target" $fuzz_flags "$corpus"
	fi
}

for target in $fuzz; do
	name=${target##*/}
	echo "$name"
	run || failed=1
done
exit $failed
