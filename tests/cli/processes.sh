#!/usr/bin/env bash
# Two processes record into one ledger at once, and others read it meanwhile: nobody fails, nothing acknowledged is lost.
cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
rounds=25
[ -z "${TORTURE:-}" ] || rounds=300
new_ledger
quietly regesta key new clinic/dm1 --roles data-manager --request dm1.request --no-passphrase --quiet
quietly regesta actor enrol dm1.request

# ACTOR NAME: each acknowledged id goes to NAME.ids.
writer() {
	for i in $(seq "$rounds"); do
		echo "$2 $i" >"$2.$i"
		regesta submit "$2.$i" --study rare-01 --as "$1" --json >"$2.out" 2>>"$2.err" || { echo "$2 $i: exit $?" >>"$2.failed"; continue; }
		sed -nE 's/^ {6}"id": "([0-9a-f]{64})".*/\1/p' "$2.out" >>"$2.ids"
	done
}
# NAME COMMAND...: over and over, until the writers have ended.
reader() {
	local name=$1
	shift
	while [ ! -e stop ]; do
		timeout 60 "$@" >/dev/null 2>>"$name.err" || echo "$*: exit $?" >>"$name.failed"
		echo >>"$name.rounds"
	done
}
writer clinic/admin w1 & w1=$!
writer clinic/dm1 w2 & w2=$!
# The same key in a third process: its numbers must not collide with the first's.
writer clinic/admin w3 & w3=$!
reader r1 regesta audit --json & r1=$!
reader r2 regesta log --json & r2=$!
reader r3 regesta list items --json & r3=$!
wait "$w1" "$w2" "$w3"
: >stop
wait "$r1" "$r2" "$r3"
for name in w1 w2 w3 r1 r2 r3; do
	[ ! -e "$name.failed" ] || { cat "$name.failed" "$name.err" >&2; die "$name failed"; }
	ok "$name did its work"
done
for name in r1 r2 r3; do
	[ "$(grep -c '' "$name.rounds")" -ge 2 ] || die "$name was blocked"
done
ok "readers went on all the time"
cat w1.ids w2.ids w3.ids | sort >acknowledged
[ "$(uniq acknowledged | grep -c '')" -eq $((3 * rounds)) ] || die "$((3 * rounds)) acknowledgements are wanted"
regesta log --kind data.submit --json >"$out" 2>"$err" || die "log"
grep -oE '"id": "[0-9a-f]{64}"' "$out" | grep -oE '[0-9a-f]{64}' | sort -u >entered
[ -z "$(comm -23 acknowledged entered)" ] || die "acknowledged, but not there: $(comm -23 acknowledged entered)"
ok "$((3 * rounds)) acknowledged events of three processes are all there"
[ "$(regesta list items --json | grep -c '"item":')" -eq $((3 * rounds)) ] || die "items"
ok "each once"

# One submission, twice at once: one of them says that it is running, or finds it done.
mkdir many
for i in $(seq 300); do echo "$i" >"many/$i"; done
regesta submit many --study rare-01 --json >one.out 2>one.err & one=$!
code=0
regesta submit many --study rare-01 --json >two.out 2>two.err || code=$?
wait "$one" || { [ $? -eq 13 ] && [ "$code" -eq 0 ]; } || die "the first of two equal submissions"
[ "$code" -eq 0 ] || [ "$code" -eq 13 ] || die "the second of two equal submissions: exit code $code"
ok "the same submission twice at once (exit $code)"

# One number, six times at once: one enrolment, and nothing recorded as refused beside it.
enrolling=()
for i in $(seq 6); do
	regesta participant enrol --study rare-01 --site s1 AT-ONCE-1 >"enrol.$i" 2>&1 & enrolling+=($!)
done
enrolled=0
for one in "${enrolling[@]}"; do
	code=0
	wait "$one" || code=$?
	case $code in
	0) enrolled=$((enrolled + 1)) ;;
	7 | 13) ;;
	*) die "one of six equal enrolments: exit code $code: $(tail -n 1 enrol.*)" ;;
	esac
done
[ "$enrolled" -eq 1 ] || die "enrolled $enrolled times"
[ "$(regesta log --kind participant.enrol --json | grep -c '"kind": "participant.enrol"')" -eq 1 ] || die "entries: $(regesta log --kind participant.enrol)"
ok "one number, six times at once, is enrolled once"
audit_clean "all this"
