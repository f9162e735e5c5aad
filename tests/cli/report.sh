#!/usr/bin/env bash
# Reports: every entry, in words, in the reader's language, with its proof; nothing sealed in them unless asked.
project=$(cd "$(dirname "$0")/../.." && pwd)
cd "$project" || exit
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
new_ledger
quietly regesta participant enrol --study rare-01 --site s1 P-001
mkdir in && echo one >"in/<b>visit & 1.txt" && echo two >in/two.txt && echo two >corrected.txt && echo "mistyped <dose>" >why.txt
works "a submission" regesta submit in --study rare-01 --participant P-001 --category laboratory --json
item=$(ids)
works "a correction" regesta correct "$item#0" corrected.txt --reason data-entry-error --reason-text why.txt

# ---- The pages
well_formed() { works "$1 is well-formed" xmllint --noout --nonet "$1"; }
works "a participant" regesta report participant P-001 --study rare-01 --names --language en --output p.html
well_formed p.html
for text in 'Record of participant P-001 in study rare-01' '&lt;b&gt;visit &amp; 1.txt' 'mistyped &lt;dose&gt;' 'it was entered wrongly' \
	'enrolment of a participant' 'submission of data' 'correction of data' '<th scope="row">before</th>' '<html lang="en">'; do
	grep -qF "$text" p.html || die "the page lacks: $text"
done
ok "names, texts, reasons, before and after, escaped"
grep -qF '<b>' p.html && die "a name became markup"
[ "$(grep -c '<section class="entry">' p.html)" -eq "$(regesta history P-001 --participant --study rare-01 --json | grep -c '"index"')" ] || die "not every entry is there"
ok "every entry of the history is on the page"
works "the policy" regesta policy --output policy
sed -nE 's/.*base64,([A-Za-z0-9+\/=]*)".*/\1/p' p.html | base64 -d >trail.txt
works "the proof on the page verifies" regesta verify trail.txt --policy policy
grep -qE 'https?://|<script|<link|<img' p.html && die "the page needs something beside it"
ok "the page needs nothing beside it"

works "in German" regesta report participant P-001 --study rare-01 --names --language de --output de.html
well_formed de.html
for text in '<html lang="de">' 'Aufzeichnungen zu Person P-001 in Studie rare-01' 'Berichtigung von Daten' 'es wurde falsch eingetragen' 'vorher'; do
	grep -qF "$text" de.html || die "the German page lacks: $text"
done
grep -qE 'submission of data|it was entered wrongly|own act|Save this file' de.html && die "English on the German page"
ok "it is German throughout"
env -u LC_ALL -u LC_MESSAGES LANG=de_DE.UTF-8 LANGUAGE='' regesta report study rare-01 >env.html 2>"$err" || die "by the environment"
grep -qF '<html lang="de">' env.html || die "LANG is not followed"
ok "LANG chooses the language"

works "without --names" regesta report participant "$(sed -nE 's/.*reference<\/th><td>([0-9a-f]{64}).*/\1/p' p.html)" --study rare-01 --output n.html
well_formed n.html
grep -qE 'visit|mistyped|corrected\.txt' n.html && die "sealed names without --names"
ok "nothing sealed is on it"
works "a study" regesta report study rare-01 --output study.html
well_formed study.html
works "a site" regesta report site s1 --study rare-01 --output site.html
well_formed site.html
[ "$(grep -c '<section class="entry">' site.html)" -eq 4 ] || die "entries of the site: $(grep -c '<section class="entry">' site.html)"
quietly regesta study amend rare-01 --site s2=clinic
quietly regesta participant enrol --study rare-01 --site s2 P-002
works "an item of another site" regesta submit corrected.txt --study rare-01 --participant P-002 --json
other=$(ids)
works "both are attested" regesta attest "$item#0" "$other#0" --statement reviewed --json
both=$(ids)
works "one is retracted" regesta retract "$item#1" --reason wrong-file --json
retraction=$(ids)
works "the other is retracted" regesta retract "$other#0" --reason wrong-file --json
elsewhere=$(ids)
works "the site again" regesta report site s1 --study rare-01 --output site2.html
for event in "$both" "$retraction"; do grep -q "$event" site2.html || die "an event that names its items alone is not on the site's page"; done
grep -q "$elsewhere" site2.html && die "what is about another site's items alone is on the page"
ok "events that name its items alone are on the page"
works "an item" regesta report item "$item#0" --output item.html
well_formed item.html
sed -nE 's/.*base64,([A-Za-z0-9+\/=]*)".*/\1/p' item.html | base64 -d >item.receipt
works "its receipt verifies" regesta verify item.receipt --policy policy
[ "$(stat -c %a p.html)" = 600 ] || die "others may read the page"
ok "others may not read it"

# ---- Who signed, in print
quietly regesta key new clinic/nurse --roles data-manager --request nurse.request --no-passphrase --quiet
works "an enrolment with a printed name" regesta actor enrol nurse.request --printed-name "Anna <Beispiel>"
quietly regesta register grant clinic/nurse
works "a nurse's record" regesta submit corrected.txt --study rare-01 --participant P-001 --as clinic/nurse --again
works "a page with names" regesta report participant P-001 --study rare-01 --names --language en --output named.html
grep -qF '<th scope="row">author</th><td>Anna &lt;Beispiel&gt; (clinic/nurse)</td>' named.html || die "the page does not say who signed"
grep -qF '<th scope="row">author</th><td>clinic/admin</td>' named.html || die "who has no printed name is called otherwise"
works "a page without" regesta report participant "$(sed -nE 's/.*reference<\/th><td>([0-9a-f]{64}).*/\1/p' p.html)" --study rare-01 --output unnamed.html
! grep -q 'Beispiel' unnamed.html || die "a name without --names"
works "a new name, by an assignment" regesta actor assign clinic/nurse --study rare-01 --site s1 --role data-manager --printed-name "Anna Muster"
works "a page with it" regesta report participant P-001 --study rare-01 --names --language en --output named.html --force
grep -qF 'Anna Muster (clinic/nurse)' named.html || die "the latest name is the one"
! grep -raqE "Beispiel|Muster" "$REGESTA_LEDGER" || die "the ledger holds a name"
ok "printed names are on the page, and sealed on the ledger"
fails 2 'printed-name' "an empty name" regesta actor assign clinic/nurse --study rare-01 --site s1 --role monitor --printed-name ""
echo "left the hospital" >left.txt
works "an explanation of what belongs to no study" regesta actor revoke clinic/nurse --reason other --reason-text left.txt

# ---- What is refused
fails 2 'participant, study, site or item' "a report of something else" regesta report dog x
fails 2 'study is missing' "a site without its study" regesta report site s1
fails 6 'site\b|nothing' "a site that is none" regesta report site s9 --study rare-01
fails 6 'rare-09' "a study that is none" regesta report study rare-09
fails 2 'catalogue' "a language that is none" regesta report study rare-01 --language tlh
fails 2 'output' "--json without --output" regesta report study rare-01 --json
fails 7 'force' "a file that is there" regesta report study rare-01 --output p.html
