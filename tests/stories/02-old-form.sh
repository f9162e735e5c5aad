#!/usr/bin/env bash
# Story 2. Signed Monday on an old form version, data collected Tuesday, entered Thursday: accepted and flagged; a waiver covers it from then on.
cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/stories/story.sh
. tests/stories/story.sh
story "2. Signed on an old form"
begin_ledger
admit ethics-a DE administrator,ethics-committee
engage clinic/nurse data-manager
trusted clinic/nurse
quietly regesta study register rare-01 --title "A study" --sponsor clinic --site berlin=clinic --committee ethics-a --protocol 2.0
quietly regesta actor assign clinic/nurse --study rare-01 --site berlin --role data-manager --from 2026-01-01
quietly regesta actor assign ethics-a/admin --study rare-01 --site berlin --role ethics-committee --from 2026-01-01
echo "Consent form, version 1" >form-1.txt
echo "Consent form, version 2, with the sentence on genomes" >form-2.txt
echo "the signed sheet of Anna Beispiel" >scan.pdf
echo "haemoglobin 13.1" >blood.txt
echo "haemoglobin 12.8" >blood-2.txt

scene "In February the committee approves the study with version 2 of the consent form."
does "the committee records its decision with its own key" regesta ethics approve --study rare-01 --committee ethics-a --protocol 2.0 \
	--form form-2.txt:2:de:adult --when 2026-02-20+01:00 --as ethics-a/admin
scene "On Monday, 2 March, a participant signs a consent form. A pile of old sheets was still in the drawer: it is version 1. The nurse copies the paper into the record."
does "the consent is accepted, whatever its form" regesta consent give --study rare-01 --participant P-001 --new --form form-1.txt:1:de:adult \
	--permit collect,store,read,derive --purpose GRU --when 2026-03-02+01:00 --scan scan.pdf --receipt consent.receipt --as clinic/nurse
consent=$(last_id)
flagged "form-not-approved" "$consent" "it is flagged: this version of the form was never approved"
does "the participant is enrolled" regesta participant enrol --study rare-01 --site berlin P-001 --as clinic/nurse
scene "Blood is drawn on Tuesday. The value is entered on Thursday."
does "the data is accepted too" regesta submit blood.txt --study rare-01 --site berlin --participant P-001 --category laboratory \
	--collected 2026-03-03+01:00 --when 2026-03-05+01:00 --receipt data.receipt --as clinic/nurse
data=$(last_id)
flagged "form-not-approved" "$data" "and flagged for the same reason: it is not covered"
before=$(regesta show ledger --json | sed -nE 's/^ *"(height|blocks?)": ([0-9]+).*/\2/p')
scene "What held on Tuesday? As is known so far: a consent that permits nothing, because of its form."
answers silent "on Tuesday nothing permits reading" P-001 --study rare-01 --on 2026-03-03+01:00 --use read
quietly regesta consent show P-001 --study rare-01 --on 2026-03-03+01:00 --use read
shows "consent was given on a form that was not approved" "and it says why"
does "that can be proved: there was no valid consent" regesta prove no-consent P-001 --study rare-01 --on 2026-03-03+01:00 --use read --output none.proof
outsider "an outsider checks the proof that there was none" none.proof
declined 1 "no consent to read" "the opposite cannot be proved" regesta prove consent P-001 --study rare-01 --on 2026-03-03+01:00 --use read --output wrong.proof
[ ! -s wrong.proof ] || die "a proof of the opposite was written"
scene "The committee looks at the sheet, finds that the versions differ in nothing that matters here, and waives its demand for this one consent."
declined 14 "recorded as refused" "the study's own people cannot waive it" regesta ethics waive --study rare-01 --committee clinic --consent "$consent" --as clinic/admin
does "the committee waives" regesta ethics waive --study rare-01 --committee ethics-a --consent "$consent" --when 2026-03-12+01:00 --as ethics-a/admin
answers permitted "on the day after, reading is permitted" P-001 --study rare-01 --on 2026-03-13+01:00 --use read
answers permitted "and so is the blood of that Tuesday, from then on" P-001 --study rare-01 --on 2026-03-13+01:00 --use read --collected 2026-03-03+01:00
answers silent "as known before the waiver, it was not" P-001 --study rare-01 --on 2026-03-13+01:00 --known-at "$before" --use read
answers silent "as known on that Wednesday, nothing was on record at all" P-001 --study rare-01 --on 2026-03-03+01:00 --known-at 2026-03-04+01:00 --use read
quietly regesta consent show P-001 --study rare-01 --on 2026-03-03+01:00 --known-at 2026-03-04+01:00
hides "give: form" "not even the consent"
flagged "form-not-approved" "$data" "the flag of Thursday stays: it says what was known then"
scene "A second sample, collected after the waiver, needs no flag."
does "it is submitted" regesta submit blood-2.txt --study rare-01 --site berlin --participant P-001 --category laboratory \
	--collected 2026-03-16+01:00 --when 2026-03-16+01:00 --as clinic/nurse
flagged "" "$(last_id)" "it has none"
does "the consent can now be proved" regesta prove consent P-001 --study rare-01 --on 2026-03-13+01:00 --use read --output consent.proof
scene "What an outsider can check, with the policy file alone:"
outsider "the proof of consent" consent.proof
outsider "the consent's receipt" consent.receipt
outsider "the receipt of the data" data.receipt
outsider "and what was proved before the waiver stays proved, as known then" none.proof
quietly regesta prove trail P-001 --study rare-01 --output P-001.trail
outsider "the participant's trail is complete" P-001.trail
outsider_audits "the whole ledger, recomputed by somebody without keys"
unseen "no name, no value, no number of the participant is in the ledger" "Anna Beispiel" haemoglobin P-001 "sentence on genomes"
