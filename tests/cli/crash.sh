#!/usr/bin/env bash
# kill -9 at random instants: of a process that records as fast as it can, and of `regesta submit`.
#   TORTURE=1: 1,000 kills instead of 200
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${REGESTA_BUILD:-$PWD/build}
rounds=200 submits=25
[ -z "${TORTURE:-}" ] || rounds=1000 submits=200
"$build/tests/cli/crash" "$rounds"

# A folder of 600 files (three events) whose submission is killed again and again: at the end each file is recorded once.
PATH=$build/bin:$PATH
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
export REGESTA_HOME=$place/home REGESTA_LEDGER=$place/ledger
regesta init "$place/ledger" --organisation clinic --country DE --no-passphrase --quiet >/dev/null 2>&1
regesta study register rare-01 --title T --sponsor clinic --site s1=clinic --protocol 1 --quiet >/dev/null
mkdir "$place/files"
for i in $(seq 600); do echo "file $i $RANDOM" >"$place/files/f$i"; done
kills=0
for i in $(seq "$submits"); do
	regesta submit "$place/files" --study rare-01 --quiet >/dev/null 2>&1 &
	pid=$!
	sleep "0.0$((RANDOM % 90 + 10))"
	[ $((i % 4)) -eq 0 ] && sleep "0.$((RANDOM % 5))"
	if kill -9 "$pid" 2>/dev/null; then kills=$((kills + 1)); fi
	wait "$pid" 2>/dev/null || true
	[ -n "$(ls "$place"/home/ledgers/*/journal/ 2>/dev/null)" ] || [ "$kills" -lt 2 ] || break
done
[ -z "$(ls "$place"/home/ledgers/*/journal/ 2>/dev/null)" ] || regesta submit "$place/files" --study rare-01 --quiet >/dev/null
items=$(regesta list items --json | grep -c '"item":')
[ "$((items % 600))" -eq 0 ] || { echo "600 files, $items items recorded" >&2; exit 1; }
[ "$items" -eq 600 ] || [ "$kills" -lt "$submits" ] || { echo "600 files, $items items recorded" >&2; exit 1; }
regesta audit --json >/dev/null || { regesta audit; exit 1; }
echo "ok $kills kills of a submission of 600 files: each recorded once, audit clean"
