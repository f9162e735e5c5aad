#!/usr/bin/env bash
# One call fails in a whole `regesta submit`: the first, the second, … until a run meets no fault. After each: the command ended by
# itself with one sentence; the same command again succeeds; every file is recorded once; the audit is clean.
#   faults of files all, allocations in steps; TORTURE=1: all of both
cd "$(dirname "$0")/../.." || exit
build=${REGESTA_BUILD:-$PWD/build}
if [ -n "${SAN:-}" ] || grep -q __asan_init <(nm -D "$build/bin/regesta"); then
	echo "skipped failing calls: a sanitizer has the C library's functions for itself"
	exit 0
fi
# In memory where there is such a folder: hundreds of ledgers are made, and nothing here looks at what a disk keeps.
if [ -z "${TMPDIR:-}" ] && [ -d /dev/shm ] && [ -w /dev/shm ]; then export TMPDIR=/dev/shm; fi
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
shim=$helpers/fault.so
new_ledger
quietly regesta participant enrol --study rare-01 --site s1 P-001
mkdir files
for i in 1 2 3; do echo "file $i" >"files/$i"; done
# Once before: what a ledger makes at its first submission is made, and there is something that might be lost.
echo first >first
quietly regesta submit first --study rare-01
mv "$REGESTA_LEDGER" ledger.0
mv "$REGESTA_HOME" home.0
mkdir work
export REGESTA_LEDGER=$place/work/ledger REGESTA_HOME=$place/work/home
again() { rm -rf work && mkdir work && cp -r --sparse=always ledger.0 work/ledger && cp -r home.0 work/home; }
submit=(regesta submit files --study rare-01 --participant P-001 --receipt work/receipt)
items() { regesta list items --json | grep -c '"item":'; }

# KIND N: false when the run met no fault.
round() {
	local code=0
	again
	FAULT_KIND=$1 FAULT_AT=$2 FAULT_MET=$place/work/met LD_PRELOAD=$shim "${submit[@]}" >"$out" 2>"$err" </dev/null || code=$?
	[ -e work/met ] || { [ "$code" -eq 0 ] || die "$1: the run without a fault: exit code $code"; return 1; }
	# 134: abort, with a sentence, is what no memory leads to.
	if [ "$code" -ge 128 ]; then
		{ [ "$1" = alloc ] && [ "$code" -eq 134 ] && grep -qi "out of memory" "$err"; } || die "$1 $2: a crash, exit code $code"
	elif [ "$code" -ne 0 ]; then
		grep -aqE '^regesta[ :]' "$err" || die "$1 $2: exit code $code without a sentence"
	else
		[ "$(items)" -eq 4 ] || die "$1 $2: success, and $(items) items instead of 4"
	fi
	codes+="$code "
	"${submit[@]}" >"$out" 2>"$err" </dev/null || die "$1 $2: after exit code $code, the same command again: exit code $?"
	[ "$(items)" -eq 4 ] || die "$1 $2: $(items) items instead of 4"
	[ -s work/receipt ] || die "$1 $2: no receipt"
	regesta audit --json >"$out" 2>"$err" || die "$1 $2: audit"
}
# KIND STEP
all() {
	local n=1 met=0
	codes=
	while round "$1" "$n"; do
		met=$((met + 1))
		n=$((n + $2))
	done
	[ "$met" -ge 20 ] || die "$1: $met faults are too few to mean anything"
	ok "$1: each of $met faults (every $2. of $((n - 1))) leaves each file recorded once; exit codes$(
		tr ' ' '\n' <<<"$codes" | grep . | sort -n | uniq -c | awk '{printf "%s %d (%d times)", (NR > 1 ? "," : ""), $2, $1}')"
}
all io 1
step=211
[ -z "${TORTURE:-}" ] || step=1
all alloc "$step"

# The last call that may fail before the event is on the ledger is after its signature: a file that is changed between two such
# runs is not in that event as it is now, so that both versions are recorded.
held=0
for n in $(seq 400); do
	again
	FAULT_KIND=io FAULT_AT=$n LD_PRELOAD=$shim "${submit[@]}" >"$out" 2>"$err" </dev/null
	if [ "$(items)" -eq 1 ] && grep -qs '^event ' work/home/ledgers/*/journal/*; then
		held=1
		break
	fi
done
[ "$held" -eq 1 ] || die "no fault left a signed event behind"
echo "another text" >files/2
works "a file changed after its event was signed" "${submit[@]}"
[ "$(items)" -eq 5 ] || die "a file changed after its event was signed: $(items) items instead of 5"
ok "both versions are recorded, the others once"
works "and the same command again" "${submit[@]}"
[ "$(items)" -eq 5 ] || die "given again: $(items) items instead of 5"
audit_clean "a file changed after its event was signed"
