#!/usr/bin/env bash
# Events out of receipts and trails, by two implementations of COSE's parts that share nothing with each other: Python's cbor2
# with coincurve, and cborg with @noble/curves. Each computes the event's id too, which must be the one that regesta prints.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
python=$(judge_python "${PYTHON_PACKAGES[@]}")/bin/python
node=$(judge_node_folder)/node
npm=$(judge_npm)
[ -e "$SAMPLES/command/ids" ] || judge_fails "there are no events of the command to judge"
"$python" "$(dirname "$0")/python/event_cases.py" "$WORK/good" "$WORK/bad" "$SAMPLES"/log-command/receipts/*.tlog-proof "$SAMPLES"/command/trail-*
cut -d' ' -f1 "$WORK/good" | while read -r index; do grep "^$index " "$SAMPLES/command/ids"; done >"$WORK/expected"
count=$(wc -l <"$WORK/good")
[ "$count" -gt 0 ] || judge_fails "there are no events to judge"
judged() { # NAME COMMAND ...
	local name=$1
	shift
	"$@" "$WORK/good" >"$WORK/$name.good"
	diff "$WORK/expected" "$WORK/$name.good" >&2 || judge_fails "$name does not verify what regesta printed"
	"$@" "$WORK/bad" >"$WORK/$name.bad"
	if grep -v '^[0-9]* refused: ' "$WORK/$name.bad" >&2 || [ "$(wc -l <"$WORK/$name.bad")" -ne "$(wc -l <"$WORK/bad")" ]; then
		judge_fails "$name accepted a damaged event"
	fi
}
judged coincurve "$python" "$(dirname "$0")/python/event.py"
judged noble "$node" "$npm/event.mjs"
judge_says "$count events with cbor2 and coincurve, and with cborg and @noble/curves" "each with a bit wrong in event or key, or a high s ($(wc -l <"$WORK/bad") copies)"
