#!/usr/bin/env bash
# Story 8. An inspector wants one participant's trail on paper, in the local language: names, meanings, local times, before and after; its
# completeness is proved offline, in another place.
cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/stories/story.sh
. tests/stories/story.sh
story "8. An inspector wants a participant's trail on paper"
begin_ledger
admit ethics-a DE administrator,ethics-committee
engage clinic/nurse data-manager
trusted clinic/nurse
quietly regesta study register rare-01 --title "A study" --sponsor clinic --site berlin=clinic --committee ethics-a --protocol 1.0
quietly regesta actor assign clinic/nurse --study rare-01 --site berlin --role data-manager --from 2026-01-01
engage clinic/monitor monitor rare-01 berlin
echo "Consent form, version 1" >form-1.txt
quietly regesta ethics approve --study rare-01 --committee ethics-a --protocol 1.0 --form form-1.txt:1:de:adult --when 2026-02-20+01:00 --as ethics-a/admin
scene "Some months of a study: consent, two visits, a value that was mistyped and corrected, a monitor who compared it with the source, a withdrawal. Another participant's data lies beside it."
quietly regesta participant enrol --study rare-01 --site berlin P-001 P-002 --as clinic/nurse
echo "haemoglobin 31.1" >"Blutbild März.txt"
echo "haemoglobin 13.1" >"Blutbild März, berichtigt.txt"
echo "Zahlendreher beim Abtippen" >why.txt
echo "signed by Anna Beispiel" >"Einwilligung Anna Beispiel.pdf"
echo "somebody else's" >"Blutbild von P-002.txt"
does "consent" regesta consent give --study rare-01 --participant P-001 --form form-1.txt:1:de:adult --permit collect,store,read --purpose GRU \
	--when 2026-03-02+01:00 --scan "Einwilligung Anna Beispiel.pdf" --as clinic/nurse
does "a value" regesta submit "Blutbild März.txt" --study rare-01 --site berlin --participant P-001 --category laboratory \
	--collected 2026-03-03T08:15+01:00 --when 2026-03-03T09:30+01:00 --as clinic/nurse
value=$(last_id)
quietly regesta submit "Blutbild von P-002.txt" --study rare-01 --site berlin --participant P-002 --collected 2026-03-03+01:00 --as clinic/nurse
other=$(last_id)
does "its correction" regesta correct "$value#0" "Blutbild März, berichtigt.txt" --participant P-001 --category laboratory --reason data-entry-error \
	--reason-text why.txt --when 2026-07-01T10:00+02:00 --as clinic/nurse
correction=$(last_id)
does "the monitor compares it with the source" regesta attest "$correction#0" --statement verified --as clinic/monitor
does "a withdrawal" regesta consent withdraw --study rare-01 --participant P-001 --existing-data keep-using --means telephone \
	--when 2026-08-03T11:20+02:00 --as clinic/nurse
scene "Now an inspector sits in the office and wants to see everything about P-001 on paper, in German."
began=$(date +%s)
does "one command" regesta report participant P-001 --study rare-01 --language de --names --output P-001.html --as clinic/nurse
took=$(($(date +%s) - began))
[ -z "${REGESTA_NARRATE:-}" ] || echo "    it took $took s; it should take under ten minutes, with all that an office does"
cp P-001.html "$out"
shows '<html lang="de">' "the page is German"
shows "Blutbild März.txt" "names are printed"
shows '<th scope="row">vorher</th>' "what was before stands beside what came after"
shows "es wurde falsch eingetragen" "the reason, in words"
shows "Zahlendreher beim Abtippen" "and in the words of who corrected it"
shows "09:30[:0-9]*( ?\(?(UTC)? ?)?\+01:00" "times are local, with their offset, in winter"
shows "11:20[:0-9]*( ?\(?(UTC)? ?)?\+02:00" "and in summer"
shows "clinic/nurse" "who signed"
shows "clinic/monitor" "who verified"
hides "P-002|$other" "nothing of another participant is on it"
hides "https?://|<script|<link|<img" "it needs nothing beside it"
pages=$(grep -c '<section class="entry">' P-001.html)
equal "$(regesta history P-001 --participant --study rare-01 --json --as clinic/nurse | grep -c '"index"')" "$pages" "every entry of the history has its place on it"
if command -v chromium >/dev/null; then
	if timeout 120 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$place/browser" --print-to-pdf="$place/P-001.pdf" "$place/P-001.html" >"$out" 2>"$err"; then
		[ "$(head -c 5 P-001.pdf)" = "%PDF-" ] || die "the print is no PDF"
		ok "a browser prints it"
	else
		echo "skipped printing: the browser does not run here"
	fi
else
	echo "skipped printing: no browser here"
fi
scene "Is it complete? The page carries the proof. The inspector takes it home and checks it there, with the policy file that the authority has had since the study began."
sed -nE 's/.*base64,([A-Za-z0-9+\/=]*)".*/\1/p' P-001.html | base64 -d >on-the-page.trail
outsider "the proof on the page" on-the-page.trail
shows "none is missing" "says that none is missing"
shows "$pages entries" "and as many entries as the page"
does "the same as a file of its own" regesta prove trail P-001 --study rare-01 --output P-001.trail --as clinic/nurse
outsider "verifies likewise" P-001.trail
scene "Had an entry been left out, the proof would not hold."
outside=(verify cut.trail --policy ledger.policy)
sed '/^entry 26 /,/^entry 30 /{/^entry 30 /!d}' on-the-page.trail >cut.trail
! cmp -s cut.trail on-the-page.trail || die "nothing was left out"
! alone ledger.policy cut.trail || die "a trail that was shortened verifies"
ok "a trail that was shortened does not verify"
outsider_audits "the whole ledger, recomputed by somebody without keys"
scene "The page holds names, and only who has the key could write it. The ledger itself holds none."
unseen "no name, no file's name, no value, no reason in words" "Anna Beispiel" Blutbild haemoglobin Zahlendreher P-001 P-002
does "without --names" regesta report participant "$(sed -nE 's/.*Referenz<\/th><td>([0-9a-f]{64}).*/\1/p' P-001.html)" --study rare-01 --language de --output plain.html
cp plain.html "$out"
hides "Blutbild|Zahlendreher|Beispiel" "the page has no names either"
