#!/usr/bin/env bash
# Story 1. Parental consent, 18th birthday, three attempts to reach: new use stops by the approved rule; a waiver restores exactly its scope; no day of birth on the ledger.
cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/stories/story.sh
. tests/stories/story.sh
story "1. Of age"
begin_ledger
admit ethics-a DE administrator,ethics-committee
quietly regesta study register rare-01 --title "A study" --sponsor clinic --site berlin=clinic --committee ethics-a --protocol 1.0
echo "Form for parents" >parents.txt
echo "Form for adults" >adults.txt
echo "born on 2008-04-17" >chart.txt
scene "The committee approves a study with children. It says what happens when they come of age and have not answered: no new use; what is under way goes on."
does "the approval" regesta ethics approve --study rare-01 --committee ethics-a --protocol 1.0 --form parents.txt:1:de:parent --form adults.txt:1:de:adult \
	--majority no-new-use --when 2022-01-10+01:00 --receipt approval.receipt --as ethics-a/admin
scene "Two mothers sign, and their children agree. Both will be 18 in April 2026. Only the month is recorded; the day of birth stays in the chart, which is sealed."
quietly regesta participant enrol --study rare-01 --site berlin P-001 P-002
declined 2 "month" "a day of birth is refused at the door" regesta consent give --study rare-01 --participant P-001 --form parents.txt:1:de:parent --signer parent \
	--assent given --permit collect,store,read,derive --purpose GRU --ask-again 2026-04-17 --when 2022-05-10+02:00
for number in P-001 P-002; do
	does "consent for $number" regesta consent give --study rare-01 --participant $number --form parents.txt:1:de:parent --signer parent --assent given \
		--permit collect,store,read,derive --purpose GRU --ask-again 2026-04 --when 2022-05-10+02:00 --receipt $number.receipt
	flagged "" "$(last_id)" "complete"
	[ $number = P-002 ] || consent=$(last_id)
done
does "a value and the chart" regesta submit chart.txt --study rare-01 --site berlin --participant P-001 --collected 2022-05-10+02:00 --when 2022-05-10+02:00
flagged "" "$(last_id)" "covered"
ask=(--study rare-01 --use read --collected 2022-05-10+02:00)
answers permitted "in March 2026 it may be read" P-001 --on 2026-03-31+02:00 "${ask[@]}"
scene "April 2026. Both are of age. The clinic tries three times to reach P-001: by telephone, by letter, by e-mail."
does "of age" regesta participant status P-001 of-age --study rare-01 --when 2026-04
does "nobody answers the telephone" regesta consent attempt --study rare-01 --participant P-001 --means telephone --result no-answer --when 2026-04-20+02:00
does "a letter comes back" regesta consent attempt --study rare-01 --participant P-001 --means letter --result undeliverable --when 2026-04-28+02:00
does "nobody answers the e-mail" regesta consent attempt --study rare-01 --participant P-001 --means e-mail --result no-answer --when 2026-05-05+02:00
equal 3 "$(regesta history P-001 --participant --study rare-01 --json | grep -c '"attempt": {')" "three attempts are in the history"
does "what holds in May" regesta consent show P-001 --on 2026-05-06+02:00 "${ask[@]}"
stopped=$(regesta consent show P-001 --on 2026-05-06+02:00 "${ask[@]}" --json | sed -nE 's/^.*"answer": "([a-z]+)".*/\1/p' | xargs)
case $stopped in denied | silent) ok "new use has stopped, by the rule that was approved" ;; *) die "new use goes on: $stopped" ;; esac
answers permitted "what is under way goes on" P-001 --on 2026-05-06+02:00 "${ask[@]}" --ongoing
does "that there is no consent for new use can be proved" regesta prove no-consent P-001 --on 2026-05-06+02:00 "${ask[@]}" --output stopped.proof
stopped_at=$(regesta show ledger --json | sed -nE 's/^ *"(height|blocks?)": ([0-9]+).*/\2/p')
scene "The clinic asks the committee. It waives the demand for P-001, and for nobody else."
declined 14 "recorded as refused" "the clinic cannot do that itself" regesta ethics waive --study rare-01 --committee clinic --consent "$consent" --when 2026-06-01+02:00
does "the committee's waiver" regesta ethics waive --study rare-01 --committee ethics-a --consent "$consent" --when 2026-06-01+02:00 --receipt waiver.receipt \
	--as ethics-a/admin
answers permitted "P-001's data may be read again" P-001 --on 2026-06-02+02:00 "${ask[@]}"
answers "$stopped" "P-002's may not" P-002 --on 2026-06-02+02:00 "${ask[@]}"
answers silent "what was never consented to is not opened by it" P-001 --on 2026-06-02+02:00 --study rare-01 --use train --collected 2022-05-10+02:00
answers "$stopped" "as known before the waiver, it had stopped" P-001 --on 2026-06-02+02:00 --known-at "$stopped_at" "${ask[@]}"
scene "In July P-002 comes in and signs the form for adults."
does "an own consent" regesta consent give --study rare-01 --participant P-002 --form adults.txt:1:de:adult --permit collect,store,read --purpose GRU --when 2026-07-01+02:00
answers permitted "from then on P-002's own word holds" P-002 --on 2026-07-02+02:00 "${ask[@]}"
does "which can be proved" regesta prove consent P-002 --on 2026-07-02+02:00 "${ask[@]}" --output own.proof
scene "What an outsider can check, with the policy file alone:"
outsider "the approved rule" approval.receipt
outsider "the parents' consent" P-001.receipt
outsider "that new use had stopped in May" stopped.proof
outsider "the waiver" waiver.receipt
outsider "P-002's own consent" own.proof
quietly regesta prove trail P-001 --study rare-01 --output P-001.trail
outsider "P-001's trail, complete" P-001.trail
equal 4 "$(grep -c "  consent  " <<<"$(sed -E 's/ +/  /g' "$out")")" "with the consent and the three attempts"
outsider_audits "the whole ledger, recomputed by somebody without keys"
unseen "no day of birth, no number" 2008-04-17 2026-04-17 "born on" P-001 P-002
