#!/usr/bin/env bash
# Entries of all three kinds, the events in them with header and payload, outcomes, block entries, genesis and enrolments,
# against docs/formats/regesta.cddl with pycddl (the Rust crate cddl).
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
python=$(judge_python "${PYTHON_PACKAGES[@]}")/bin/python
[ -d "$SAMPLES/log-command/tiles" ] || judge_fails "there is no ledger of the command to judge"
"$python" "$(dirname "$0")/python/schema.py" docs/formats/regesta.cddl "$SAMPLES/log-command/tiles" >"$WORK/said" || {
	head -n 20 "$WORK/said" >&2
	judge_fails "the schema and the ledger do not agree"
}
read -r count rules damaged <"$WORK/said"
judge_says "$count structures under $rules rules of the schema" "one of each kind and shape with a member missing, added, or of another type or length ($damaged copies)"
