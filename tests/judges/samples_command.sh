#!/usr/bin/env bash
# What the command itself writes, laid out as judges read it. Run by tests/judges/run with REGESTA, SAMPLES and WORK.
#
#     SAMPLES/log-command/   policy, tiles/, receipts/INDEX.tlog-proof
#     SAMPLES/command/       home/ and ledger/ of it, plain/ with the files that were submitted,
#                            submit.id with the id of the event that submitted them,
#                            items with a line "CID NAME" for each of them,
#                            ids with a line "INDEX ID" for each event, as `regesta log` prints them,
#                            trail-NAME and state-NAME: evidence at the checkpoint of log-command
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
"$REGESTA" log --kind data.submit --limit 1 --json | sed -nE 's/^ *"id": "([0-9a-f]{64})".*/\1/p' | head -n 1 >"$place/submit.id"
submitted=$(cat "$place/submit.id")

# What else a ledger holds: each kind of event has a schema of its own.
printf 'visit,value\n1,134\n' >corrected.csv
printf 'mean\n134\n' >mean.csv
"$REGESTA" derive mean.csv --study cohort --site one --participant P-1 --from "$submitted#2" --code "$(sha256sum <mean.csv | cut -d' ' -f1)"
"$REGESTA" correct "$submitted#2" corrected.csv --reason data-entry-error --collected 2026-03-01 --capacity transcribed
"$REGESTA" retract "$submitted#0" --reason wrong-file --reason-text corrected.csv
"$REGESTA" attest "$submitted#1" "$submitted" --statement verified
"$REGESTA" dataset freeze "$submitted#1" "$submitted#2" --study cohort --name "First freeze"
"$REGESTA" key new clinic/dm --request dm.request --roles data-manager --no-passphrase
"$REGESTA" actor enrol dm.request
"$REGESTA" actor assign clinic/dm --study cohort --site one --role data-manager --from 2026-01-01 --to 2030-12-31
# The id of the event that the command records, which prints JSON.
recorded() {
	"$REGESTA" "$@" --json >recorded.json
	python3 -c '
import json
print(json.load(open("recorded.json"))["recorded"][0]["id"])'
}
# Not permitted, and recorded as such: a data manager amends the study.
code=0
"$REGESTA" study amend cohort --title "Another title" --as clinic/dm || code=$?
[ "$code" -eq 14 ] || { echo "a denied event: exit code $code, not 14" >&2; exit 1; }
# A second organisation, by proposal and vote; its administrator countersigns when the first one's key is replaced.
"$REGESTA" key new lyon/admin --roles administrator --request lyon-admin.request --no-passphrase
"$REGESTA" organisation request lyon-admin.request --organisation lyon --title Lyon --country FR --request lyon.request --no-passphrase
proposal=$(recorded governance propose lyon.request)
vote=$(recorded governance vote "$proposal" --approve)
admission=$(recorded organisation admit "$proposal")
rotation=$(recorded actor rotate --as clinic/dm --no-passphrase --countersigned-by clinic/admin)
"$REGESTA" actor rotate --no-passphrase --countersigned-by lyon/admin
revocation=$(recorded actor revoke clinic/dm --reason key-compromised --compromised-since 2026-01-01)
# One that refers to others, in two ways.
cat >refs.json <<-DOCUMENT
	{"kind": "attest", "study": "cohort", "when": "2026-03-01T09:30:00+01:00", "capacity": {"code": "own"}, "meaning": "reviewed",
	 "refs": [{"type": "follows", "event": "$submitted"}, {"type": "answers", "event": "$revocation"}],
	 "body": {"targets": [{"item": "$submitted#2"}], "meaning": "reviewed"}}
DOCUMENT
referring=$(recorded record refs.json)
"$REGESTA" study amend cohort --protocol 1.1
"$REGESTA" study close cohort
"$REGESTA" submit corrected.csv --study cohort --site one --participant P-2 --meaning reviewed

"$REGESTA" policy --output "$log/policy"
"$REGESTA" tiles "$log/tiles"

# All receipts at the tiles' own checkpoint: genesis, the first event, one beside each tile's edge, one of each kind that is rare.
for entry in '#0' '#2' '#254' '#256' "$submitted" "$proposal" "$vote" "$admission" "$rotation" "$revocation" "$referring"; do
	"$REGESTA" receipt "$entry" --output "$WORK/receipt"
	mv "$WORK/receipt" "$log/receipts/$(sed -nE 's/^index ([0-9]+)$/\1/p' "$WORK/receipt").tlog-proof"
done

"$REGESTA" log --limit 1000 --json | python3 -c '
import json, sys
for entry in json.load(sys.stdin)["entries"]:
    print(entry["index"], entry["id"])' >"$place/ids"
"$REGESTA" show "$submitted" --json | python3 -c '
import json, sys
for item in json.load(sys.stdin)["event"]["body"]["items"]:
    print(item["cid"])' >"$WORK/cids"
"$REGESTA" open "$submitted" --names | sed -E 's/^#[0-9]+ +//' | paste -d ' ' "$WORK/cids" - >"$place/items"

"$REGESTA" prove trail P-1 --study cohort --output "$place/trail-many"
"$REGESTA" prove trail P-3 --study cohort --output "$place/trail-one"
"$REGESTA" prove trail "$(printf 'f%.0s' {1..64})" --study cohort --output "$place/trail-none"
"$REGESTA" prove state organisation clinic --output "$place/state-organisation"
"$REGESTA" prove state organisation lyon --output "$place/state-organisation-admitted"
"$REGESTA" prove state actor clinic/dm --output "$place/state-actor"
"$REGESTA" prove state actor clinic/admin --output "$place/state-actor-rotated"
"$REGESTA" prove state study cohort --output "$place/state-study"
"$REGESTA" prove state participant P-1 --study cohort --output "$place/state-participant"
"$REGESTA" prove state item "$submitted#2" --study cohort --output "$place/state-item"
"$REGESTA" prove state item "$submitted#3" --study cohort --output "$place/state-no-item"
"$REGESTA" prove state actor clinic/nobody --output "$place/state-no-actor"
