#!/usr/bin/env bash
# Story 3. Withdrawal by telephone, data so far may be used: no reason is asked; what is collected later is not covered, what was collected before is.
cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/stories/story.sh
. tests/stories/story.sh
story "3. A withdrawal by telephone"
begin_ledger
admit ethics-a DE administrator,ethics-committee
admit lyon FR
engage clinic/nurse data-manager
trusted clinic/nurse
quietly regesta study register rare-01 --title "A study" --sponsor clinic --site berlin=clinic --site lyon=lyon --committee ethics-a --protocol 1.0
quietly regesta actor assign clinic/nurse --study rare-01 --site berlin --role data-manager --from 2026-01-01
echo "Consent form, version 1" >form-1.txt
for day in march april may june; do echo "visit in $day" >$day.txt; done
quietly regesta ethics approve --study rare-01 --committee ethics-a --protocol 1.0 --form form-1.txt:1:de:adult --when 2026-02-20+01:00 --as ethics-a/admin

scene "A participant consents in March to the use of data for research, and comes to the first visit."
does "the consent" regesta consent give --study rare-01 --participant P-001 --new --form form-1.txt:1:de:adult \
	--permit collect,store,read,derive --purpose GRU --when 2026-03-02+01:00 --receipt consent.receipt --as clinic/nurse
flagged "" "$(last_id)" "is complete: nothing is flagged"
quietly regesta participant enrol --study rare-01 --site berlin P-001 --as clinic/nurse
does "the first visit" regesta submit march.txt --study rare-01 --site berlin --participant P-001 --collected 2026-03-03+01:00 \
	--when 2026-03-03+01:00 --receipt march.receipt --as clinic/nurse
march=$(last_id)
flagged "" "$march" "is covered"
quietly regesta submit april.txt --study rare-01 --site berlin --participant P-001 --collected 2026-04-07+02:00 --when 2026-04-07+02:00 --as clinic/nurse
does "reading in May can be proved to have been permitted" regesta prove consent P-001 --study rare-01 --on 2026-05-01+02:00 --use read --output before.proof
before=$(regesta show ledger --json | sed -nE 's/^ *"(height|blocks?)": ([0-9]+).*/\2/p')
scene "On 4 May, at twenty past four, the participant calls: no more. What is there may be used. The nurse asks no reason, and the record has no place that demands one."
does "the withdrawal" regesta consent withdraw --study rare-01 --participant P-001 --existing-data keep-using --means telephone \
	--when 2026-05-04T16:20+02:00 --receipt withdrawal.receipt --as clinic/nurse
withdrawal=$(last_id)
flagged "" "$withdrawal" "takes effect without any condition"
quietly regesta show "$withdrawal" --json
hides '"reason"' "and without a reason"
shows '"means": "telephone"' "how it came is on record"
scene "A value from that day's visit, before the call, is entered late. Another one is collected by mistake in June."
does "what was collected at three that day" regesta submit may.txt --study rare-01 --site berlin --participant P-001 \
	--collected 2026-05-04T15:00+02:00 --when 2026-06-02+02:00 --as clinic/nurse
flagged "" "$(last_id)" "is covered: it was collected before the call"
does "what was collected in June" regesta submit june.txt --study rare-01 --site berlin --participant P-001 --collected 2026-06-02+02:00 \
	--when 2026-06-02+02:00 --receipt june.receipt --as clinic/nurse
june=$(last_id)
flagged "no-consent-evidenced" "$june" "is recorded, for it happened, and flagged: no consent covers it"
answers permitted "reading what was collected before" P-001 --study rare-01 --on 2026-07-01+02:00 --use read --collected 2026-03-03+01:00
answers denied "reading what was collected after" P-001 --study rare-01 --on 2026-07-01+02:00 --use read --collected 2026-06-02+02:00
answers denied "collecting more" P-001 --study rare-01 --on 2026-07-01+02:00 --use collect --collected 2026-07-01+02:00
answers permitted "in April nothing had been withdrawn" P-001 --study rare-01 --on 2026-04-30+02:00 --use collect
answers permitted "as known before the call, collecting was permitted" P-001 --study rare-01 --on 2026-07-01+02:00 --known-at "$before" --use collect
declined 1 "was withdrawn" "nobody can prove a consent for what was collected in June" regesta prove consent P-001 --study rare-01 \
	--on 2026-07-01+02:00 --use read --collected 2026-06-02+02:00 --output wrong.proof
does "but that there was none" regesta prove no-consent P-001 --study rare-01 --on 2026-07-01+02:00 --use read --collected 2026-06-02+02:00 --output after.proof
does "and the consent for what was collected in March" regesta prove consent P-001 --study rare-01 --on 2026-07-01+02:00 --use read \
	--collected 2026-03-03+01:00 --output march.proof
scene "Lyon works in the study too. It acknowledges that it has heard of the withdrawal."
does "the acknowledgement" regesta attest "$withdrawal" --statement acknowledged --study rare-01 --receipt acknowledged.receipt --as lyon/admin
scene "The study has a contract, which the committee has read and approved. Lyon asks for March's visit and for June's."
cat >study.contract <<'END'
contract "Rare-01" version 1
clause "research" permit read for DUO:0000042
  when consent covers this use because "Participants gave their data for research."
END
quietly regesta contract propose study.contract --study rare-01 --json
quietly regesta show "$(ids)" --json
contract=$(sed -nE 's/^ *"contract": "([0-9a-f]{64})".*/\1/p' "$out")
quietly regesta contract decide "$contract" --study rare-01 --approve --protocol 1.0 --as ethics-a/admin
does "Lyon asks" regesta access request "$march#0" "$june#0" --purpose GRU --as lyon/admin --receipt request.receipt
request=$(last_id)
quietly regesta show "$request"
shows 'item 0: permit, clause "research"' "what was collected in March is permitted: it may be used on"
shows 'item 1: deny, the data is quarantined' "what was collected in June is not"
does "the first visit is disclosed" regesta access disclose "$march#0" --grant "$request"
declined 14 "permit does not have it" "June's is not, under that permit or any" regesta access disclose "$june#0" --grant "$request"
scene "In August the participant calls again: what is there may not be used either."
quietly regesta consent withdraw --study rare-01 --participant P-001 --existing-data restrict --means telephone --when 2026-08-03T09:00+02:00 --as clinic/nurse
declined 14 "no clause of the contract permits it" "the same permit releases nothing more" regesta access disclose "$march#0" --grant "$request"
does "who has it already" regesta used-by "$march#0" --json
shows "access.disclose" "is on record"
scene "What an outsider can check, with the policy file alone:"
outsider "there is no consent for what was collected in June" after.proof
outsider "there is one for what was collected in March" march.proof
outsider "what was permitted in May, as known in May, stays proved" before.proof
outsider "the receipt of the withdrawal" withdrawal.receipt
outsider "the receipt of Lyon's acknowledgement" acknowledged.receipt
outsider "the receipt of the request, with what was decided" request.receipt
outsider "the receipt of the flagged data" june.receipt
shows "flags: no consent" "says its flag"
quietly regesta prove trail P-001 --study rare-01 --output P-001.trail
outsider "the participant's trail is complete" P-001.trail
shows "#[0-9]+ [^#]* consent " "and has the withdrawal"
outsider_audits "the whole ledger, recomputed by somebody without keys"
unseen "no number and no content is in the ledger" P-001 "visit in" april.txt
