#!/usr/bin/env bash
# Participants after enrolment, and agreements: status, transfer, two references of one person, representatives, links; what stays sealed.
cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
new_ledger
quietly regesta participant enrol --study rare-01 --site s1 PART-1 PART-2 PART-3
history() { regesta history "$1" --participant --study rare-01 --json | grep -c '"kind"'; }

# ---- Status
works "a status is recorded" regesta participant status PART-1 active --study rare-01
echo "fell ill with secretitis" >cause.txt
works "its cause is sealed" regesta participant status PART-1 discontinued --study rare-01 --cause cause.txt --when 2026-11-01
refused 2 'status.*"completed"' "a mistyped status names the nearest" regesta participant status PART-1 complete --study rare-01
refused 2 'study' "without a study" regesta participant status PART-1 active
refused 6 'register' "of a number that is none" regesta participant status PART-9 active --study rare-01
works "who died" regesta participant status PART-3 died --study rare-01
works "is not active afterwards, and the entry says so" regesta participant status PART-3 active --study rare-01
grep -q "having died" "$out" || die "the flag is not said"

# ---- Transfer
fails 14 'has no site s9' "to a site that is none" regesta participant transfer PART-1 --site s9 --study rare-01
quietly regesta study amend rare-01 --site s2=clinic --reason protocol-change
works "to another site" regesta participant transfer PART-1 --site s2 --study rare-01

# ---- Merge and split: alone on the ledger, at once
refused 2 'reason' "a merge says why" regesta participant merge PART-1 PART-2 --study rare-01
works "two references of one person" regesta participant merge PART-1 PART-2 --study rare-01 --reason source-corrected
fails 14 'recorded as refused' "once" regesta participant merge PART-1 PART-2 --study rare-01 --reason source-corrected
printf form >form.pdf
quietly regesta policy --output policy
quietly regesta ethics approve --study rare-01 --committee board --protocol 1.0 --form form.pdf:1:de:adult --when 2026-01-10
quietly regesta consent give --study rare-01 --participant PART-2 --form form.pdf:1:de:adult --permit all --when 2026-02-01
for number in PART-1 PART-2; do
	works "consent given under one reference is proved of $number" regesta prove consent "$number" --study rare-01 --on 2026-03-01 --output "$number.proof"
	works "and verified by somebody who has the policy alone" env -u REGESTA_HOME -u REGESTA_LEDGER regesta verify "$number.proof" --policy policy
done
grep -q '^other ' PART-1.proof || die "the records of the other reference are not in the file"
sed '/^other /,/^block /{/^block /!d}' PART-1.proof >cut.proof
fails 1 'several references' "without the other's records it proves nothing" regesta verify cut.proof --policy policy
quietly regesta consent withdraw --study rare-01 --participant PART-1 --existing-data restrict --when 2026-03-02
works "withdrawn under the other, it is proved that there is none" regesta prove no-consent PART-2 --study rare-01 --on 2026-03-05 --output none.proof
works "and verified" regesta verify none.proof --policy policy
works "undone" regesta participant split PART-1 PART-2 --study rare-01 --reason wrong-participant
works "a new reference for the other person" regesta participant split PART-1 PART-4 --new --study rare-01 --reason wrong-participant
works "who can be enrolled" regesta participant enrol --study rare-01 --site s2 PART-4
[ "$(history PART-1)" -eq 10 ] || die "the history of PART-1 has $(history PART-1) entries"
[ "$(history PART-2)" -eq 5 ] || die "the history of PART-2 has $(history PART-2) entries"
ok "histories show them"

# ---- Representatives, links
echo "Maria Musterfrau" >mother.txt
works "a representative" regesta participant represent PART-2 r-1 --authority parent --from 2026-03-01 --who mother.txt --study rare-01
works "ends" regesta participant represent PART-2 r-1 --authority parent --from 2026-03-01 --until 2026-06-30 --study rare-01
refused 2 'authority.*"parent"' "an authority that is none" regesta participant represent PART-2 r-1 --authority parents --from 2026-03-01 --study rare-01
other=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
works "a link" regesta participant link PART-2 --other-study secret-cohort --reference $other --method identifier --confidence certain --study rare-01 --json
link=$(ids)
refused 2 'reference' "a link to no reference" regesta participant link PART-2 --other-study secret-cohort --reference 12 --method identifier --confidence certain \
	--study rare-01
fails 14 'recorded as refused' "another's link" regesta participant unlink PART-1 "$link" --study rare-01 --reason data-entry-error
works "ends with its reason" regesta participant unlink PART-2 "$link" --study rare-01 --reason data-entry-error
fails 14 'recorded as refused' "once" regesta participant unlink PART-2 "$link" --study rare-01 --reason data-entry-error
regesta log --json >log.json
for secret in secret-cohort "$other" secretitis Musterfrau PART-1 PART-2; do
	! grep -aq -- "$secret" log.json || die "the log says $secret"
	! grep -raq -- "$secret" "$REGESTA_LEDGER" || die "the ledger holds $secret"
done
ok "names, causes, the other study and its reference are nowhere in clear"

# ---- Agreements
refused 2 'two parties' "an agreement with oneself" regesta agreement record --study rare-01 --party clinic --from 2026-01-01 --instrument adequacy
fails 14 'no organisation lyon' "with nobody" regesta agreement record --study rare-01 --party clinic --party lyon --from 2026-01-01 --instrument adequacy
echo "between us" >agreement.txt
works "an agreement" regesta agreement record --study rare-01 --party clinic --party clinic --from 2026-01-01 --until 2027-12-31 --instrument adequacy --country DE \
	--no-fee --document agreement.txt --json
agreement=$(ids)
works "is listed" regesta list agreements --study rare-01
grep -q "recorded" "$out" || die "the agreement is not listed"
works "and ended" regesta agreement end "$agreement" --reason other
fails 14 'recorded as refused' "once" regesta agreement end "$agreement" --reason other
works "the list says so" regesta list agreements --json
grep -q '"ended": true' "$out" || die "the list does not say that it ended"
refused 2 'no agreement' "what is no agreement is not ended" regesta agreement end "$link" --reason other
works "the agreements are proved" regesta prove state agreements rare-01 --output agreements.proof
works "the links too" regesta prove state links PART-2 --study rare-01 --output links.proof
reference=$(regesta participant list --json | grep -A3 '"number": "PART-2"' | sed -nE 's/.*"reference": "([0-9a-f]{64})".*/\1/p')
quietly regesta policy --output policy
works "a trail" regesta prove trail PART-1 --study rare-01 --output trail
works "says which other trail it includes" regesta verify trail --policy policy
grep -qE "includes +by #[0-9]+, the first 1 entries of $reference" "$out" || die "the included trail is not named"
works "to programs too" regesta verify trail --policy policy --json
grep -q '"includes"' "$out" || die "the included trail is not in the JSON"
audit_clean "all this"
