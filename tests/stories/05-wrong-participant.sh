#!/usr/bin/env bash
# Story 5. A disclosed item is reassigned from P to Q: P's history shows error and disclosure; the recipient is recalled; the clock runs; Q is unaffected.
cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/stories/story.sh
. tests/stories/story.sh
story "5. Recorded for the wrong participant"
begin_ledger
admit lyon FR
quietly regesta study register rare-01 --title "A study" --sponsor clinic --site berlin=clinic --site lyon=lyon --protocol 1.0
quietly regesta participant enrol --study rare-01 --site berlin P-001 Q-002
reference() { regesta participant list --json | tr -d ' \n' | grep -oE "\{[^{}]*\"$1\"[^{}]*\}" | grep -oE '[0-9a-f]{64}' | head -n 1; }
p=$(reference P-001) q=$(reference Q-002)
{ [ -n "$p" ] && [ -n "$q" ] && [ "$p" != "$q" ]; } || die "no references"
echo "sequence of Q" >genome.txt
echo "Q's own blood count" >blood.txt
echo "Two tubes were swapped on the bench." >what.txt
scene "A genome is recorded for P, and goes to Lyon. Q has data too."
does "the genome" regesta submit genome.txt --study rare-01 --site berlin --participant P-001 --category genomic --receipt genome.receipt
genome=$(last_id)#0
does "Q's blood count" regesta submit blood.txt --study rare-01 --site berlin --participant Q-002 --receipt blood.receipt
blood=$(last_id)#0
does "Lyon says that it keeps a copy of the genome" regesta data hold "$genome" --as lyon/admin
quietly regesta prove trail P-001 --study rare-01 --output P-before.trail
quietly regesta show "$blood"
cp "$out" blood.before
scene "In May somebody finds out: two tubes were swapped. The genome is Q's."
declined 2 "reason" "nobody moves data without saying why" regesta data reassign "$genome" --to Q-002
does "the reassignment" regesta data reassign "$genome" --to Q-002 --reason wrong-participant --receipt reassign.receipt
moved=$(last_id)
flagged "unconfirmed" "$moved" "it could also serve to escape a hold; so it waits for a second organisation"
does "the clinic approves its own statement" regesta attest "$moved" --statement approved --study rare-01
quietly regesta show "$genome" --json
hides '"in_effect": true' "which does not bring it into effect"
declined 14 "recorded as refused" "another reassignment of it has to wait" regesta data reassign "$genome" --to Q-002 --reason wrong-participant
does "Lyon confirms" regesta attest "$moved" --statement approved --study rare-01 --as lyon/admin
does "from now on it is Q's" regesta show "$genome"
shows "reassigned" "says the item's state"
quietly regesta show "$genome" --json
shows '"in_effect": true' "by Lyon's word it is in effect"
scene "Lyon has the genome under the wrong person. It is recalled, and Lyon acknowledges. An incident is opened: the data protection authority is to know within 72 hours."
does "the recall" regesta data recall "$genome" --recipient lyon --reason wrong-participant --receipt recall.receipt
recall=$(last_id)
does "Lyon acknowledges" regesta attest "$recall" --statement acknowledged --study rare-01 --as lyon/admin --receipt acknowledged.receipt
does "the incident" regesta data incident "$genome" --study rare-01 --kind wrong-participant --discovered 2026-05-04T10:00+02:00 \
	--participant P-001 --participant Q-002 --description what.txt --receipt incident.receipt
incident=$(last_id)
does "the clock runs" regesta list incidents --study rare-01 --json
shows "2026-05-07T08:00:00" "72 hours from its discovery: 7 May, ten o'clock in Berlin"
shows '"stage": "discovered"' "the incident is open"
does "the authority is told" regesta data incident --study rare-01 --kind wrong-participant --first "$incident" --stage notified
does "the incident" regesta list incidents --study rare-01 --json
shows '"stage": "notified"' "is notified"
scene "P's history shows the error. Nothing was overwritten."
quietly regesta history P-001 --participant --study rare-01 --json
for kind in data.submit data.reassign data.recall data.incident; do shows "\"$kind\"" "P's history has $kind"; done
does "who has a copy" regesta history "$genome"
shows "data.hold +lyon/admin" "the item's history has the disclosure to Lyon"
scene "Q's other data is as it was, and nobody is to send it back."
quietly regesta show "$blood"
cmp -s blood.before "$out" || die "Q's other data changed"
ok "not a word about it has changed"
quietly regesta history Q-002 --participant --study rare-01 --json
shows '"data.reassign"' "Q's history has the genome's arrival"
scene "What an outsider can check, with the policy file alone:"
for what in genome blood reassign recall acknowledged incident; do outsider "the receipt: $what" $what.receipt; done
outsider "P's trail of before" P-before.trail
quietly regesta prove trail P-001 --study rare-01 --output P.trail
outsider "P's trail, complete" P.trail
shows "data.reassign" "with the error"
quietly regesta prove trail Q-002 --study rare-01 --output Q.trail
outsider "Q's trail, complete" Q.trail
shows "data.reassign" "with what arrived"
outsider_audits "the whole ledger, recomputed by somebody without keys"
unseen "no word of what happened, no number" "swapped" "sequence of" P-001 Q-002
