#!/usr/bin/env bash
# Story 4. Erasure in registry A, a retention duty in trial B: A is erased and its recipient told; B refuses with ground and date; old proofs verify.
cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/stories/story.sh
. tests/stories/story.sh
story "4. Erased in the registry, kept in the trial"
begin_ledger
admit lyon FR
quietly regesta study register registry-a --title "A registry" --sponsor clinic --site berlin=clinic --site lyon=lyon --protocol 1.0
quietly regesta study register trial-b --title "A trial" --sponsor clinic --site berlin=clinic --protocol 1.0
echo "the genome of somebody rare" >genome.txt
echo "blood pressure 121/80" >pressure.txt
echo "Please delete what you have of me. Anna Beispiel" >letter.txt
echo "We keep it until 2051, as the law on trials obliges us to." >answer.txt
state_is() { # STATE ITEM NAME
	quietly regesta show "$2"
	shows "state: $1" "$3"
}
scene "The same person takes part in a registry and in a trial, under two references that nobody can connect who does not hold the register. Lyon has received a copy of the registry's genome."
does "in the registry" regesta participant enrol --study registry-a --site berlin A-001
does "in the trial" regesta participant enrol --study trial-b --site berlin B-001
does "a genome in the registry" regesta submit genome.txt --study registry-a --site berlin --participant A-001 --category genomic --receipt genome.receipt
genome=$(last_id)#0
does "a blood pressure in the trial" regesta submit pressure.txt --study trial-b --site berlin --participant B-001 --receipt pressure.receipt
pressure=$(last_id)#0
does "Lyon says that it keeps a copy of the genome" regesta data hold "$genome" --as lyon/admin
quietly regesta prove trail A-001 --study registry-a --output A-before.trail
quietly regesta prove trail B-001 --study trial-b --output B-before.trail
cid=$(regesta show "${genome%#0}" --json | grep -oE 'baf[a-z2-7]{56}' | head -n 1)
[ -e "$(echo "$REGESTA_LEDGER"/payload/*/"$cid")" ] || die "there is no payload"
does "the trial's data must be kept by law until 2051" regesta hold place --study trial-b --participant B-001 --basis retention-duty --until 2051-02-28+01:00
scene "On 2 March a letter comes: delete everything. It is a request in each of the two studies, with a deadline of a month."
does "the request in the registry" regesta rights request A-001 --study registry-a --right erasure --received 2026-03-02+01:00 --letter letter.txt
asked_a=$(last_id)
does "the request in the trial" regesta rights request B-001 --study trial-b --right erasure --received 2026-03-02+01:00 --letter letter.txt
asked_b=$(last_id)
does "both are due on 2 April" regesta list rights --study registry-a
shows "2026-04-0[12]" "says the list"
scene "The trial answers: refused, because a law obliges to keep it, until 28 February 2051."
does "the answer" regesta rights answer "$asked_b" --refused --ground legal-obligation --until 2051-02-28+01:00 --letter answer.txt --receipt refused.receipt
refused=$(last_id)
declined 14 "recorded as refused" "nobody can order its erasure on that answer" regesta data erase "$pressure" --answer "$refused"
scene "The registry answers: granted. It orders the erasure, and tells Lyon."
does "the answer" regesta rights answer "$asked_a" --fulfilled --receipt granted.receipt
granted=$(last_id)
declined 14 "recorded as refused" "the registry's answer is no ground to erase the trial's data" regesta data erase "$pressure" --answer "$granted"
state_is normal "$pressure" "which is as it was"
does "the order" regesta data erase "$genome" --answer "$granted" --receipt order.receipt
state_is to-be-erased "$genome" "the genome is to be erased"
does "Lyon is told" regesta data recall "$genome" --recipient lyon --reason participant-request
recall=$(last_id)
does "Lyon acknowledges" regesta attest "$recall" --statement acknowledged --study registry-a --as lyon/admin
does "the clinic destroys key and ciphertext, and says so" regesta payload erase "$genome" --receipt destroyed.receipt
[ ! -e "$(echo "$REGESTA_LEDGER"/payload/*/"$cid")" ] || die "the payload is still there"
ok "the payload is gone"
state_is to-be-erased "$genome" "but it is not erased while Lyon keeps its copy"
does "Lyon destroys its copy" regesta data destroyed "$genome" --what both --as lyon/admin
state_is erased "$genome" "now it is"
declined 6 "erased" "nobody opens it any more" regesta open "$genome"
does "nothing is open in the registry" regesta list rights --study registry-a
hides " open|overdue" "the request was answered"
scene "In the trial everything is there, and the clinic still knows whose it is."
does "the trial's data opens" regesta open "$pressure" --output again.txt
cmp -s pressure.txt again.txt || die "the trial's data is not what it was"
does "by the participant's number" regesta history B-001 --participant --study trial-b --names
shows "B-001" "which the register resolves"
scene "What an outsider can check, with the policy file alone. What was proved before the erasure is still proved: that the data was there, and is no more."
outsider "the receipt of the genome" genome.receipt
outsider "the registry's trail of before" A-before.trail
outsider "the receipt of the order" order.receipt
outsider "the receipt of the destruction" destroyed.receipt
outsider "the trial's refusal" refused.receipt
outsider "the trial's trail of before" B-before.trail
quietly regesta prove trail A-001 --study registry-a --output A-after.trail
outsider "the registry's trail, complete, with the erasure" A-after.trail
shows "data.destroyed" "shows the destruction"
does "the state of the genome" regesta prove state item "$genome" --study registry-a --output genome.state
outsider "is proved" genome.state
audit_clean "the erasure"
quietly regesta audit
shows "erased, as attested by" "the audit says what is missing, and who says that it was erased"
outsider_audits "the whole ledger, recomputed by somebody without keys"
unseen "no name, no word of the letters" "Anna Beispiel" "Please delete" "law on trials" A-001 B-001
