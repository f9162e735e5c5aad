#!/usr/bin/env bash
# Story 7. A key was stolen a month ago and its author is gone: each suspect event is affirmed or repudiated; payloads open by the recovery key; earlier receipts hold.
cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/stories/story.sh
. tests/stories/story.sh
story "7. A stolen key"
begin_ledger
quietly regesta study register rare-01 --title "A study" --sponsor clinic --site berlin=clinic --protocol 1.0
engage clinic/nurse data-manager rare-01 berlin
engage clinic/other data-manager rare-01 berlin
trusted clinic/nurse
echo "Consent form, version 1" >form-1.txt
for n in 1 2 3 4; do echo "visit $n of somebody" >visit-$n.txt; done
quietly regesta participant enrol --study rare-01 --site berlin P-001 P-002 --as clinic/nurse
suspects() { regesta list suspects --study rare-01 --json | grep -oE '"(id|event)": "[0-9a-f]{64}"' | grep -oE '[0-9a-f]{64}' | sort -u; }
scene "A nurse records visits. Then the laptop is stolen, and nobody notices for a month. Everything signed from that hour on could be the nurse's, or the thief's."
does "a visit before the theft" regesta submit visit-1.txt --study rare-01 --site berlin --participant P-001 --receipt visit-1.receipt --as clinic/nurse
first=$(last_id)
sleep 1.1
theft=$(date -u +%Y-%m-%dT%H:%M:%S.000Z)
sleep 0.1
does "a visit after it, by the nurse, with the same key on another machine" regesta submit visit-2.txt --study rare-01 --site berlin --participant P-001 \
	--receipt visit-2.receipt --as clinic/nurse
second=$(last_id)
does "a consent that nobody gave" regesta consent give --study rare-01 --participant P-002 --form form-1.txt:1:de:adult --permit all --receipt forged.receipt --as clinic/nurse
forged=$(last_id)
does "false data" regesta submit visit-3.txt --study rare-01 --site berlin --participant P-002 --as clinic/nurse
false=$(last_id)
does "a withdrawal, and nobody knows whether it is true" regesta consent withdraw --study rare-01 --participant P-001 --existing-data keep-using --as clinic/nurse
withdrawal=$(last_id)
equal "" "$(suspects)" "nothing is suspect so far"
scene "The theft is discovered. The nurse has left meanwhile. The administrator revokes the key, as of the hour of the theft."
does "the revocation" regesta actor revoke clinic/nurse --reason key-compromised --compromised-since "$theft" --receipt revoked.receipt
does "what was signed since is suspect" regesta list suspects --study rare-01
equal "$(printf '%s\n' "$second" "$forged" "$false" "$withdrawal" | sort)" "$(suspects)" "these four events, and not the one from before the theft"
declined 5 "revoked" "the thief records nothing more" regesta submit visit-4.txt --study rare-01 --site berlin --participant P-001 --as clinic/nurse
scene "The paper charts are compared with each event. One visit is true. The consent and the other data are not. About the withdrawal nobody is sure."
declined 14 "recorded as refused" "a colleague may not decide it" regesta actor affirm "$second" --as clinic/other
declined 14 "recorded as refused" "what was signed before the theft is not in doubt" regesta actor repudiate "$first" --reason key-compromised
does "the true visit is affirmed" regesta actor affirm "$second" --receipt affirmed.receipt
does "consent and false data are repudiated" regesta actor repudiate "$forged" "$false" --reason key-compromised --receipt repudiated.receipt
equal "$withdrawal" "$(suspects)" "one remains"
does "so is the withdrawal, as its author's; but what restricts stands" regesta actor repudiate "$withdrawal" --reason key-compromised
equal "" "$(suspects)" "none remains"
quietly regesta show "$false#0"
shows "state: (repudiated|retracted)" "the false data is not to be used"
quietly regesta show "$second#0"
shows "state: normal" "the true visit is as it was"
quietly regesta show "$forged"
shows "$forged" "the forged consent is still there to be seen"
if regesta consent show --help >/dev/null 2>&1; then
	quietly regesta consent show P-002 --study rare-01 --use read --json
	hides '"answer": "permitted"' "it permits nothing"
	answers denied "the withdrawal still holds" P-001 --study rare-01 --use collect
fi
scene "The nurse's key is gone from every machine. What the nurse sealed opens all the same: with the organisation's recovery key, from its safe."
rm -f "$REGESTA_HOME"/keys/clinic~nurse*
mkdir safe
recovery=$(find "$REGESTA_HOME" -name '*recovery*.pem')
[ -s "$recovery" ] || die "there is no recovery key"
mv "$recovery" safe/
declined 8 "." "without it nobody opens the visit" regesta open "$first#0" --output closed
mv safe/* "$(dirname "$recovery")"
does "with it" regesta open "$first#0" --output opened
cmp -s visit-1.txt opened || die "the recovery key opens something else"
ok "the visit is what the nurse recorded"
scene "What an outsider can check, with the policy file alone. Receipts from before the theft hold, and those of suspect events show what was recorded, and no more."
for what in visit-1 visit-2 forged revoked affirmed repudiated; do outsider "the receipt: $what" $what.receipt; done
quietly regesta prove trail P-002 --study rare-01 --output P-002.trail
outsider "the trail of the participant who never consented" P-002.trail
shows "actor.repudiate" "with the repudiation"
quietly regesta prove state actor clinic/nurse --output nurse.state
outsider "the state of the nurse's enrolment" nurse.state
outsider_audits "the whole ledger, recomputed by somebody without keys"
unseen "no content, no number" "of somebody" P-001 P-002
