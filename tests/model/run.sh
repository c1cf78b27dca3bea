#!/usr/bin/env bash
# run.sh: spin goes through all states of the model of the bulletin, and finds
# each of the mistakes that could have been made.
#
# With KEYD_TEST_LONG more happens at once, in some 2 GB of memory.
set -eu
model=$(realpath "$(dirname "$0")")/bulletin.pml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# What happens: all of it together would be too much.
declare -A scenarios=(
	[changes]='-DCHANGES=3 -DDEATHS=0 -DRELOADS=0 -DTIME=0'
	[deaths]='-DCHANGES=1 -DDEATHS=1 -DRELOADS=0 -DTIME=0'
	[reloads]='-DCHANGES=1 -DDEATHS=1 -DRELOADS=1 -DTIME=0'
	[time]='-DCHANGES=1 -DDEATHS=0 -DRELOADS=0 -DTIME=1'
)
[ -z "${KEYD_TEST_LONG:-}" ] || scenarios+=(
	[everything]='-DCHANGES=1 -DDEATHS=1 -DRELOADS=1 -DTIME=1'
	[more]='-DCHANGES=2 -DDEATHS=1 -DRELOADS=1 -DTIME=0'
)

# Each is found in the smallest scenario that has what it takes.
mistakes=(
	EVEN_BEFORE_COMMIT:changes         # no order of the writer's but this one
	ODD_AFTER_COMMIT:changes
	SETTLED_AFTER_EVEN:changes
	ACKNOWLEDGED_BEFORE_COMMIT:changes
	FAILURE_SETTLES:changes            # a commit that failed may be seen
	DOUBT_SETTLES:changes              # until another one is good
	NO_FIRST_COMMIT:deaths             # which an heir makes before it serves
	MARK_AFTER_VIEW:changes            # the view is older than it seems
	NO_MARK:changes                    # or than what is settled
	MARK_BEFORE_COUNTER:changes
	ODD_IS_GOOD:changes                # or will be
	VIEW_BEFORE_QUESTION:changes       # or is older than the question
	VOIDED_LATER:reloads               # keyd.conf holds at once
	NOT_VOIDED:reloads
	OWN_VALUES:changes                 # what was true of keyd's view is kept
	LOOK_BEFORE_CALL:changes           # and looked at in each call
	DEAD_IS_GOOD:deaths                # an heir has another page
	ANY_PAGE:deaths
	LOCK_BEFORE_MARK:deaths            # and the dead one must look dead
	COUNTED_FROM_ANSWER:time           # no lease outlives its key
)

# What the writer need not do in this order.
harmless=(
	ACKNOWLEDGED_BEFORE_EVEN:changes
	ACKNOWLEDGED_BEFORE_EVEN:deaths
)

jobs=0
failed=0

fail() {
	echo "FAIL: $*"
	failed=1
}

# explore NAME SCENARIO [FLAG]: leaves what it finds in NAME.out.
explore() {
	local name=$1 scenario=${scenarios[$2]}
	mkdir "$name"
	(
		cd "$name"
		# shellcheck disable=SC2086 # a list
		spin $scenario ${3:-} -a "$model"
		"${CC:-cc}" -O1 -w -DSAFETY -DNOREDUCE -o pan pan.c
		./pan -m100000 -w22
	) >"$name.out" 2>&1 || true
	rm -r "$name"
}

# start NAME SCENARIO [FLAG]: as many at once as there are processors.
start() {
	explore "$@" &
	jobs=$((jobs + 1))
	[ $jobs -le "$(nproc)" ] || wait -n
}

# Nothing was found, though everything was looked at.
ck_right() {
	if grep -q 'errors: 0' "$1.out" && ! grep -q '^error:' "$1.out"; then
		echo "right: $1:$(grep 'states, stored' "$1.out")"
	else
		fail "$1 is not right"
		cat "$1.out"
	fi
}

ck_found() {
	if grep -q 'assertion violated' "$1.out" &&
		grep -q 'errors: 1' "$1.out"; then
		echo "found: $1"
	else
		fail "$1 is not found"
		cat "$1.out"
	fi
}

unreached() {
	grep -E 'bulletin\.pml:[0-9]+, state' "$1.out" | grep -v -- '-end-' | sort
}

# What is done in no scenario proves nothing.
ck_all_reached() {
	local name
	unreached changes >never
	for name in "${!scenarios[@]}"; do
		comm -12 never <(unreached "$name") >less
		mv less never
	done
	[ ! -s never ] || fail "never reached: $(cat never)"
}

for name in "${!scenarios[@]}"; do
	start "$name" "$name"
done
for one in "${mistakes[@]}" "${harmless[@]}"; do
	start "$one" "${one#*:}" "-D${one%:*}"
done
wait

for name in "${!scenarios[@]}"; do
	ck_right "$name"
done
ck_all_reached
for one in "${harmless[@]}"; do
	ck_right "$one"
done
for one in "${mistakes[@]}"; do
	ck_found "$one"
done
exit $failed
