# Sourced by the scripts of this folder. A folder of their own in $place, which goes away at the end; `regesta` in PATH.
# Each assertion that holds prints a line "ok …"; the first that does not ends the script.
# shellcheck shell=bash
set -uo pipefail
# The scripts read what the command says in English.
export LC_ALL=C.UTF-8
unset LANGUAGE
build=${REGESTA_BUILD:-$PWD/build}
PATH=$(cd "$build/bin" && pwd):$PATH
# shellcheck disable=SC2034 # for the scripts
helpers=$(cd "$build/tests/cli" && pwd)
place=$(mktemp -d)
clean_up() {
	cd / || exit
	chmod -R u+rwX "$place" 2>/dev/null
	rm -rf "$place"
}
trap clean_up EXIT
trap 'exit 130' INT TERM
cd "$place" || exit
export REGESTA_HOME=$place/home REGESTA_LEDGER=$place/ledger
unset REGESTA_AS REGESTA_PASSPHRASE
out=$place/.out err=$place/.err

ok() { echo "ok $*"; }
die() {
	echo "FAILED $*" >&2
	[ ! -s "$out" ] || { echo "-- stdout:" >&2; head -n 20 "$out" >&2; }
	[ ! -s "$err" ] || { echo "-- stderr:" >&2; head -n 20 "$err" >&2; }
	exit 1
}
# works NAME COMMAND...: the command succeeds. Its output is in $out and $err.
works() {
	local name=$1 code=0
	shift
	"$@" >"$out" 2>"$err" </dev/null || code=$?
	[ "$code" -eq 0 ] || die "$name: exit code $code: $*"
	ok "$name"
}
quietly() { "$@" >"$out" 2>"$err" </dev/null || die "$*"; }
# fails CODE PATTERN NAME COMMAND...: that exit code, and one sentence, the last line on stderr, in which the pattern is found.
fails() {
	local wanted=$1 pattern=$2 name=$3 code=0
	shift 3
	"$@" >"$out" 2>"$err" </dev/null || code=$?
	[ "$code" -eq "$wanted" ] || die "$name: exit code $code instead of $wanted: $*"
	[ "$(grep -acE '^(regesta[ :]|\{"error")' "$err")" -eq 1 ] || die "$name: not one sentence on stderr: $*"
	tail -n 1 "$err" | grep -aE -- "$pattern" >/dev/null || die "$name: the sentence lacks /$pattern/: $*"
	ok "$name (exit $code)"
}
# As fails, and the ledger is what it was: no entry more.
refused() {
	local before
	before=$(entries)
	fails "$@"
	[ "$(entries)" = "$before" ] || die "$3: something was recorded"
}
entries() { regesta show ledger --json | sed -nE 's/^ *"size": ([0-9]+).*/\1/p'; }
# The event ids that the last command printed as JSON, one a line.
ids() { sed -nE 's/^ {6}"id": "([0-9a-f]{64})".*/\1/p' "$out"; }
init_options=(--no-passphrase)
new_ledger() {
	quietly regesta init "$REGESTA_LEDGER" --organisation clinic --country DE --quiet "${init_options[@]}"
	quietly regesta study register rare-01 --title "A study" --sponsor clinic --site s1=clinic --protocol 1.0
}
audit_clean() { # NAME
	regesta audit --json >"$out" 2>"$err" || { regesta audit >"$out"; die "audit after $1"; }
	ok "audit clean after $1"
}
