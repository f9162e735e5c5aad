#!/usr/bin/env bash
# Story 6. Committee A approves, B refuses, A's approval ends on Sunday: B's site is never covered, A's until local midnight; safety data is recorded all the same.
cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/stories/story.sh
. tests/stories/story.sh
story "6. Two committees, and an approval that ends on a Sunday"
begin_ledger
admit ethics-a DE administrator,ethics-committee
admit ethics-b FR administrator,ethics-committee
admit lyon FR
engage clinic/nurse data-manager
trusted clinic/nurse
engage lyon/nurse data-manager
quietly regesta register create --as lyon/admin
trusted lyon/nurse
quietly regesta study register rare-01 --title "A study" --sponsor clinic --site berlin=clinic --site lyon=lyon --committee ethics-a --committee ethics-b --protocol 1.0
quietly regesta actor assign clinic/nurse --study rare-01 --site berlin --role data-manager --from 2026-01-01
quietly regesta actor assign lyon/nurse --study rare-01 --site lyon --role data-manager --from 2026-01-01 --as lyon/admin
echo "Consent form, version 1" >form-1.txt
mine() { # ORGANISATION NUMBER FILE WHEN [CATEGORY]: data of a site
	local site=berlin
	[ "$1" = clinic ] || site=lyon
	echo "$3 $4" >"$3.txt"
	does "$3" regesta submit "$3.txt" --study rare-01 --site $site --participant "$2" --category "${5:-clinical}" --collected "$4" --when "$4" \
		--receipt "$3.receipt" --as "$1/nurse"
}
scene "Committee A in Berlin approves the study for its site. The approval holds until Sunday, 1 March."
does "committee A approves" regesta ethics approve --study rare-01 --committee ethics-a --site berlin --jurisdiction DE --protocol 1.0 \
	--form form-1.txt:1:de:adult --until 2026-03-01+01:00 --when 2026-02-02+01:00 --receipt approval.receipt --as ethics-a/admin
scene "Committee B refuses it for Lyon."
does "committee B refuses" regesta ethics refuse --study rare-01 --committee ethics-b --site lyon --jurisdiction FR --when 2026-02-03+01:00 \
	--receipt refusal.receipt --as ethics-b/admin
declined 14 "recorded as refused" "nobody of the clinic can record committee B's decision as an own one" \
	regesta ethics approve --study rare-01 --committee ethics-b --site lyon --protocol 1.0 --capacity own --as clinic/nurse
scene "Participants sign at both sites. The same form, the same day."
quietly regesta participant enrol --study rare-01 --site berlin B-1 --as clinic/nurse
does "in Berlin" regesta consent give --study rare-01 --participant B-1 --form form-1.txt:1:de:adult --permit all --when 2026-02-10+01:00 --as clinic/nurse
flagged "" "$(last_id)" "it is complete"
quietly regesta participant enrol --study rare-01 --site lyon L-1 --as lyon/nurse
does "in Lyon" regesta consent give --study rare-01 --participant L-1 --form form-1.txt:1:de:adult --permit all --when 2026-02-10+01:00 --as lyon/nurse
grep -q no-approval <<<"$(flags_of "$(last_id)")" || die "a consent without approval is not flagged"
ok "it is recorded and flagged: no committee approved it there"
scene "Data is collected at both sites, around the weekend on which the approval ends."
mine clinic B-1 saturday 2026-02-28T10:00+01:00
flagged "" "$(last_id)" "Saturday is covered"
mine clinic B-1 sunday-half-past-eleven 2026-03-01T23:30+01:00
flagged "" "$(last_id)" "so is Sunday, to its last minute"
mine clinic B-1 monday-half-past-midnight 2026-03-02T00:30+01:00
flagged "after-expiry" "$(last_id)" "half an hour past midnight in Berlin it is over, though it is still Sunday in UTC"
mine lyon L-1 lyon-saturday 2026-02-28T10:00+01:00
grep -q no-approval <<<"$(flags_of "$(last_id)")" || die "data without approval is not flagged"
ok "Lyon's is flagged"
scene "On Monday a participant in Lyon falls ill, and one in Berlin. Safety comes first: that is recorded, whatever the committees say."
mine clinic B-1 fever-in-berlin 2026-03-02T09:00+01:00 safety
flagged "after-expiry" "$(last_id)" "recorded, and flagged"
mine lyon L-1 fever-in-lyon 2026-03-02T09:00+01:00 safety
does "the approval, as of Sunday night" regesta consent show B-1 --study rare-01 --on 2026-03-01T23:59+01:00 --use read
shows "approval +approved" "is in force"
does "and after midnight" regesta consent show B-1 --study rare-01 --on 2026-03-02T00:00+01:00 --use read
hides "approval +approved" "is not"
quietly regesta consent show B-1 --study rare-01 --on 2026-03-02T00:00+01:00 --use read --json
shows '"status": "expired"' "it has expired"
does "Lyon's" regesta consent show L-1 --study rare-01 --on 2026-02-28+01:00 --use read --as lyon/nurse --json
shows '"status": "refused"' "was refused"
declined 1 "approv|refus" "nobody can prove that Lyon's data may be read" regesta prove consent L-1 --study rare-01 --on 2026-02-28+01:00 \
	--use read --output wrong.proof --as lyon/nurse
does "that it may not can be proved" regesta prove no-consent L-1 --study rare-01 --on 2026-02-28+01:00 --use read --output lyon.proof --as lyon/nurse
does "and that Berlin's might, until Sunday" regesta prove consent B-1 --study rare-01 --on 2026-03-01+01:00 --use read --output sunday.proof --as clinic/nurse
does "on Monday the participant still consents, but the proof says that the approval is over" regesta prove consent B-1 --study rare-01 \
	--on 2026-03-02+01:00 --use read --output monday.proof --as clinic/nurse
scene "Committee A renews on 10 March. What was collected after that is covered. What was flagged stays so: it says what was known."
does "the renewal" regesta ethics renew --study rare-01 --committee ethics-a --site berlin --until 2027-03-01+01:00 --when 2026-03-10+01:00 --as ethics-a/admin
mine clinic B-1 after-the-renewal 2026-03-11T10:00+01:00
flagged "" "$(last_id)" "covered again"
scene "What an outsider can check, with the policy file alone:"
outsider "committee A's decision" approval.receipt
outsider "committee B's refusal" refusal.receipt
outsider "that Lyon was not covered" lyon.proof
outsider "that Berlin was, on Sunday" sunday.proof
shows "approval +approved" "with an approval in force"
outsider "what held on Monday" monday.proof
hides "approval +approved" "without an approval in force"
shows "the approval has run out" "for it had run out"
outsider "that the fever was recorded" fever-in-lyon.receipt
does "all decisions of committees about the study" regesta prove state approvals rare-01 --study rare-01 --output approvals.proof
outsider "are proved to be all" approvals.proof
outsider_audits "the whole ledger, recomputed by somebody without keys"
unseen "no number and no content is in the ledger" B-1.txt L-1.txt fever "fever-in-lyon"
