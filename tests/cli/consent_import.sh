#!/usr/bin/env bash
# Consents of FHIR from the command line: said before, recorded, refused as a whole.
cd "$(dirname "$0")/../.." || exit
data=$PWD/tests/fhir/data
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh

new_ledger
for number in P-001 P-002 P-003; do quietly regesta participant enrol "$number" --study rare-01 --site s1; done
printf 'the blank form' >form.pdf
said=(--study rare-01 --form form.pdf:2.1:de:adult --signer self --means paper)

works "a dry run" regesta consent import "$data/broad.json" "${said[@]}" --participant P-001 --dry-run
grep -q '^\$, Consent/broad-1 of Patient/b1: consent of a participant, study rare-01' "$out" || die "a dry run in words"
grep -q 'act.give.provisions\[0\].provisions\[1\].uses.*read' "$out" || die "a dry run names the uses"
grep -q '"dry_run": true' "$out" || die "a dry run has JSON"
before=$(entries)
works "a dry run as JSON" regesta consent import "$data/broad.json" "${said[@]}" --participant P-001 --dry-run --json
"$helpers/json_check" <"$out" || die "one JSON document"
[ "$(entries)" = "$before" ] || die "a dry run recorded something"
sed 's/"broad-1"/"broad-\\u001b[2J\\u202e"/; s/Patient\/b1/Patient\/\\u001b]0;x/' "$data/broad.json" >escapes.json
works "ids that move the cursor" regesta consent import escapes.json "${said[@]}" --participant P-001 --dry-run
grep -q 'Consent/broad-' "$out" || die "the id is not shown"
grep -q $'\x1b' "$out" "$err" && die "an escape reached the terminal"
ok "are made harmless"

works "recording" regesta consent import "$data/broad.json" "${said[@]}" --participant P-001 --receipt r.bin --json
id=$(ids)
[ -s r.bin ] || die "no receipt"
before=$(entries)
works "the same again" regesta consent import "$data/broad.json" "${said[@]}" --participant P-001 --json
[ "$(entries)" = "$before" ] || die "the same consent was recorded twice"
{ [ "$(ids)" = "$id" ] && grep -q '"already": true' "$out"; } || die "not the earlier event"
grep -q "recorded before as ${id:0:12}.*--again" "$err" || die "nobody says that it was recorded before"
works "in words" regesta consent import "$data/broad.json" "${said[@]}" --participant P-001
grep -q "^$id  consent: was recorded already" "$out" || die "the earlier event in words"
works "the same of somebody else" regesta consent import "$data/broad.json" "${said[@]}" --participant P-003 --json
{ [ "$(ids)" != "$id" ] && ! grep -q already "$out"; } || die "a consent of another participant is another"
works "another day is another consent" regesta consent import <(sed 's/2025-02-01T09/2025-02-01T10/' "$data/broad.json") "${said[@]}" --participant P-003 --json
! grep -q already "$out" || die "a consent of another time is another"
works "on demand" regesta consent import "$data/broad.json" "${said[@]}" --participant P-003 --again --json
{ [ "$(entries)" -gt "$before" ] && ! grep -q already "$out"; } || die "--again records"
works "it is shown" regesta show "$id" --json
grep -q '"code": "imported"' "$out" || die "not said to be imported"
grep -q '"original": "2025-02-03T10:00:00+01:00"' "$out" || die "the time in the source system"
cid=$(sed -nE 's/.*"source": "(baf[a-z0-9]+)".*/\1/p' "$out")
[ -n "$cid" ] || die "no sealed source"
ok "the source is named"
works "the source opens" regesta open "$id" --output source.json
cmp -s source.json "$data/broad.json" || die "the source is another"
ok "byte for byte"
if grep -rqa -e 'Patient/b1' -e 'A hospital' "$REGESTA_LEDGER"; then die "the source lies in clear"; fi
ok "nothing of the source lies in clear"

# What was imported covers data, once a committee has approved the form; and covers nothing else.
quietly regesta ethics approve --study rare-01 --committee ethics-board --protocol 1.0 --form form.pdf:2.1:de:adult --until 2056-01-01 --when 2024-01-15
submit() { # NAME DAY NUMBER
	printf '%s' "$1" >"$1"
	quietly regesta submit "$1" --study rare-01 --site s1 --participant "$3" --category clinical --collected "$2"
	regesta log --json --limit 1 >"$1.line"
}
submit covered 2025-03-01 P-001
grep -q 'no-consent\|form-not-approved' covered.line && die "data that the consent covers is flagged: $(grep -A3 flags covered.line)"
submit early 2024-06-01 P-001
grep -q 'no-consent-evidenced' early.line || die "data from before the consent is not flagged: $(grep -A3 flags early.line)"
submit other 2025-03-01 P-002
grep -q 'no-consent-evidenced' other.line || die "data of somebody else is not flagged: $(grep -A3 flags other.line)"
ok "an imported consent covers what it permits"

# A Bundle: each by itself, and all or none.
{ printf '{"resourceType":"Bundle","entry":[{"resource":'; cat "$data/broad.json"; printf '},{"resource":'; cat "$data/privacy.json"; printf '}]}'; } >both.json
printf 'patient,participant\nPatient/b1,P-001\nPatient/p1,P-002\n' >who.csv
printf 'reference,party\nOrganization/o1,clinic\n' >parties.csv
printf 'policy,form\nurn:oid:1.2.3,form.pdf:2.1:de:adult\n' >forms.csv
before=$(entries)
refused 3 '\$.entry\[1\].resource.provision.provision\[0\].actor\[0\].reference.reference: .*nobody said which' "one that cannot be expressed" \
	regesta consent import both.json "${said[@]}" --participants who.csv
fails 3 'another patient' "one participant for two patients" regesta consent import both.json "${said[@]}" --participant P-001 --party Organization/o1=clinic
works "a Bundle" regesta consent import both.json "${said[@]}" --participants who.csv --parties parties.csv --json
{ [ "$(ids | wc -l)" -eq 2 ] && ids | grep -q "$id"; } || die "one that was recorded before, and one more"
[ "$(entries)" -eq "$((before + 2))" ] || die "one event and its block"
works "forms from a table" regesta consent import "$data/broad.json" --study rare-01 --forms forms.csv --signer self --means paper --participant P-001 --dry-run
works "history" regesta history P-002 --participant --study rare-01

# What ended, and what was a mistake.
sed 's/"active"/"inactive"/' "$data/broad.json" >inactive.json
refused 3 'withdrawn' "inactive, without since when" regesta consent import inactive.json "${said[@]}" --participant P-001
works "before" regesta consent show P-001 --study rare-01 --json
grep -q '"answer": "permitted"' "$out" || die "nothing is permitted"
works "inactive" regesta consent import inactive.json "${said[@]}" --participant P-001 --withdrawn 2025-06-01 --existing-data restrict
works "afterwards" regesta consent show P-001 --study rare-01 --json
grep -q '"answer": "permitted"' "$out" && die "\"any\" is still permitted after the withdrawal of an imported consent"
grep -q '"answer": "denied"' "$out" || die "nothing is denied"
ok "all is withdrawn"
sed 's/"active"/"entered-in-error"/' "$data/broad.json" >error.json
works "entered in error" regesta consent import error.json "${said[@]}" --participant P-001 --annuls "$id"

# What people get wrong.
fails 2 'whose consent' "nobody" regesta consent import "$data/broad.json" "${said[@]}"
fails 2 'study' "no study" regesta consent import "$data/broad.json" --participant P-001
fails 6 'register of study' "unknown number" regesta consent import "$data/broad.json" "${said[@]}" --participant P-009
fails 2 'limits nor exception' "a root" regesta consent import "$data/broad.json" "${said[@]}" --participant P-001 --root both
fails 2 'means' "a means" regesta consent import "$data/broad.json" --study rare-01 --form form.pdf:1:de:adult --signer self --means pigeon --participant P-001
fails 2 'REFERENCE=WHO' "a party" regesta consent import "$data/broad.json" "${said[@]}" --participant P-001 --party clinic
fails 2 'no purpose' "a purpose" regesta consent import "$data/broad.json" "${said[@]}" --participant P-001 --purpose NOPE
printf 'patient;participant\nx;y\n' >semicolons.csv
fails 3 'separated by commas' "semicolons" regesta consent import both.json "${said[@]}" --participants semicolons.csv
printf '{"resourceType": "Consent", "id": 1, "id": 2}' >twice.json
refused 3 'duplicate' "a member twice" regesta consent import twice.json "${said[@]}" --participant P-001
printf '<Consent/>' >consent.xml
refused 3 'XML' "XML" regesta consent import consent.xml "${said[@]}" --participant P-001
head -c 100000 /dev/zero | tr '\0' '[' >deep.json
refused 4 'nested' "a depth bomb" regesta consent import deep.json "${said[@]}" --participant P-001
{ printf '{"resourceType":"Consent","id":"'; head -c 5242880 /dev/zero | tr '\0' x; printf '"}'; } >long.json
refused 4 'a text of over' "a text of 5 MB" regesta consent import long.json "${said[@]}" --participant P-001
fails 3 'extension' "reasons are listed" regesta consent import <(sed 's/"id": "broad-1"/"extension": []/' "$data/broad.json") "${said[@]}" --participant P-001 --dry-run
audit_clean "importing"
