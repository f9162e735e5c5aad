#!/usr/bin/env bash
# Story 9. An opt-out between two uses, 300 genomes: what was known at the first one stays provable, the second leaves the person out; the trail finds every use.
cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/stories/story.sh
. tests/stories/story.sh
story "9. An opt-out between two trainings"
begin_ledger
admit ethics-a DE administrator,ethics-committee
admit lyon FR
quietly regesta study register registry-02 --title "A registry" --sponsor clinic --site berlin=clinic --site lyon=lyon --committee ethics-a --protocol 1.0 \
	--legal-basis public-interest-research
quietly regesta ethics approve --study registry-02 --committee ethics-a --protocol 1.0 --when 2026-01-10+01:00 --as ethics-a/admin
scene "A registry in the public interest: nobody is asked for consent, and everybody may object. It holds 300 genomes."
mapfile -t numbers < <(seq -f 'G-%03g' 1 300)
quietly regesta participant enrol --study registry-02 --site berlin "${numbers[@]}"
mkdir genomes
echo "file,participant,category,collected" >list.csv
for number in "${numbers[@]}"; do
	echo "ACGT of $number" >"genomes/$number.txt"
	echo "genomes/$number.txt,$number,genomic,2026-01-15+01:00" >>list.csv
done
does "300 genomes" regesta submit --manifest list.csv --study registry-02 --site berlin --quiet
quietly regesta list items --study registry-02 --names --json
equal 300 "$(grep -c '"item":' "$out")" "are recorded"
item_of() { regesta list items --study registry-02 --names --json | tr -d ' \n' | grep -oE '\{[^{}]*\}' | grep "\"$1\"" | grep -oE '[0-9a-f]{64}#[0-9]+' | head -n 1; }
mine=$(item_of G-150) other=$(item_of G-151)
{ [ -n "$mine" ] && [ -n "$other" ] && [ "$mine" != "$other" ]; } || die "no items"
mapfile -t items < <(regesta list items --study registry-02 --json | grep -oE '"item": "[0-9a-f]{64}#[0-9]+"' | grep -oE '[0-9a-f]{64}#[0-9]+')
scene "A first data set is fixed from all of them, and what is computed on it is recorded with its inputs."
does "the first data set" regesta dataset freeze --study registry-02 --name "first training" "${items[@]}"
echo "weights of round 1" >round-1.txt
does "the first round" regesta derive round-1.txt --study registry-02 --from "$mine" --from "$other" --category model --receipt round-1.receipt
round=$(last_id)
before=$(regesta show ledger --json | sed -nE 's/^ *"(height|blocks?)": ([0-9]+).*/\2/p')
scene "On 1 June G-150 objects: no training."
does "the objection" regesta consent object --study registry-02 --participant G-150 --existing-data restrict --use train --when 2026-06-01+02:00 \
	--means letter --receipt objection.receipt
ask=(--study registry-02 --use train --category genomic --collected 2026-01-15+01:00)
answers denied "training on it is barred from then on" G-150 --on 2026-06-02+02:00 "${ask[@]}"
quietly regesta consent show G-150 --on 2026-05-31+02:00 "${ask[@]}" --json
hides '"answer": "denied"' "in May it was not"
quietly regesta consent show G-150 --on 2026-06-02+02:00 --known-at "$before" "${ask[@]}" --json
hides '"answer": "denied"' "and nobody could know of it before it was recorded"
quietly regesta consent show G-151 --on 2026-06-02+02:00 "${ask[@]}" --json
hides '"answer": "denied"' "nobody else is concerned"
does "that it is barred can be proved" regesta prove no-consent G-150 --on 2026-06-02+02:00 "${ask[@]}" --output barred.proof
scene "The second data set leaves the person out."
rest=()
for item in "${items[@]}"; do [ "$item" = "$mine" ] || rest+=("$item"); done
equal 299 "${#rest[@]}" "299 genomes are left"
does "the second data set" regesta dataset freeze --study registry-02 --name "second training" "${rest[@]}"
parts=$(regesta log --kind dataset.freeze --limit 2 --json | sed -nE 's/^ {6}"id": "([0-9a-f]{64})".*/\1/p')
for part in $parts; do regesta show "$part" --json; done >"$out"
equal 299 "$(grep -oE '"[0-9a-f]{64}#[0-9]+"' "$out" | sort -u | wc -l)" "has 299 genomes in its two parts"
hides "$mine" "and not that of G-150"
does "where was the genome of G-150 used" regesta lineage "$mine" --json
shows "$round" "in the first round"
scene "Who may train, under which permit, and that the first permit goes on while the second leaves the person out by itself, is decided by contracts, later. So is the federated training of which every round names its permit."
scene "What an outsider can check, with the policy file alone:"
outsider "the first round" round-1.receipt
outsider "the objection" objection.receipt
outsider "that training on G-150's genome is barred" barred.proof
quietly regesta prove trail G-150 --study registry-02 --output G-150.trail
outsider "G-150's trail, complete" G-150.trail
shows "data.derive" "with the first round"
outsider_audits "the whole ledger, recomputed by somebody without keys"
unseen "no genome, no number, no name of a data set" "ACGT of" G-150 "first training"
