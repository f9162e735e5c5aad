#!/usr/bin/env bash
# Trails, presence and absence: python/evidence.py, a verifier written from docs/formats alone. Ed25519 is cryptography's,
# ES256K coincurve's.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
python=$(judge_python "${PYTHON_PACKAGES[@]}")/bin/python
[ -e "$SAMPLES/command/trail-many" ] || judge_fails "there is no evidence of the command to judge"
"$python" "$(dirname "$0")/python/evidence.py" "$SAMPLES/log-command/policy" "$SAMPLES/log-command/tiles" \
	"$SAMPLES"/command/trail-* "$SAMPLES"/command/state-* >"$WORK/said" || judge_fails "the verifier written from the documents does not agree"
damaged=$(sed -nE 's/.*; ([0-9]+) damaged copies refused$/\1/p' "$WORK/said" | awk '{ sum += $1 } END { print sum }')
# What they prove is what was recorded: eight events of P-1, one of P-3, none of a reference that nobody has.
for line in 'trail-many: 8 entries' 'trail-one: 1 entries' 'trail-none: 0 entries' 'state-no-actor: nothing' 'state-no-item: nothing' \
	'state-actor: 4 facts' 'state-actor-rotated: 2 facts' 'state-organisation-admitted: 1 facts' 'state-study: 3 facts' 'state-organisation: 1 facts'; do
	grep -q "^$line " "$WORK/said" || { cat "$WORK/said" >&2; judge_fails "not found: $line"; }
done
judge_says "$(grep -c '^trail' "$WORK/said") trails and $(grep -c '^state' "$WORK/said") proofs of state" "$damaged damaged copies"
