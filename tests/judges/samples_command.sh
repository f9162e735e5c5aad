#!/usr/bin/env bash
# What the command itself writes, laid out as judges read it. Run by tests/judges/run with REGESTA, SAMPLES and WORK.
#
#     SAMPLES/log-command/   policy, tiles/, receipts/INDEX.tlog-proof
#     SAMPLES/command/       home/ and ledger/ of it, plain/ with the files that were submitted,
#                            submit.id with the id of the event that submitted them
set -euo pipefail
: "${REGESTA:?}" "${SAMPLES:?}" "${WORK:?}"
place=$SAMPLES/command
log=$SAMPLES/log-command
mkdir -p "$place/plain/sub" "$log/receipts"
export REGESTA_HOME=$place/home REGESTA_LEDGER=$place/ledger
cd "$WORK"

# 1 MiB and a byte more or less are where a sealed payload gets a second block.
printf 'visit,value\n1,143\n' >"$place/plain/visit.csv"
: >"$place/plain/empty"
head -c 1048577 /dev/zero | tr '\0' 'x' >"$place/plain/sub/large.bin"

"$REGESTA" init "$place/ledger" --organisation clinic --country DE --no-passphrase --quiet
"$REGESTA" study register cohort --title "A cohort" --sponsor clinic --site one=clinic --protocol 1.0 --quiet
# Enough events that the log has a full tile.
participants=()
for ((i = 1; i <= 130; i++)); do participants+=("P-$i"); done
"$REGESTA" participant enrol --study cohort --site one "${participants[@]}" --quiet
"$REGESTA" submit "$place/plain" --study cohort --site one --participant P-1 --receipt "$WORK/submit.tlog-proof"
"$REGESTA" policy --output "$log/policy"
"$REGESTA" tiles "$log/tiles"
"$REGESTA" log --kind data.submit --limit 1 --json | sed -nE 's/^ *"id": "([0-9a-f]{64})".*/\1/p' | head -n 1 >"$place/submit.id"

# All receipts at the tiles' own checkpoint: genesis, the first event, one beside each tile's edge, the last.
for entry in '#0' '#2' '#254' '#256' "$(cat "$place/submit.id")"; do
	"$REGESTA" receipt "$entry" --output "$WORK/receipt"
	mv "$WORK/receipt" "$log/receipts/$(sed -nE 's/^index ([0-9]+)$/\1/p' "$WORK/receipt").tlog-proof"
done
