#!/usr/bin/env bash
# The register handed over: to the key that the ledger has of who takes over, without a passphrase, and no more of it than is handed over.
# A backup of its own, to the organisation's recovery key.
cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/stories/story.sh
. tests/stories/story.sh
begin_ledger
admit lyon FR
admit charite DE
quietly regesta register create --as lyon/admin
quietly regesta register create --as charite/admin
for study in rare-01 rare-02; do
	quietly regesta study register $study --title T --sponsor clinic --site lyon=lyon --site annex=lyon --site berlin=charite --protocol 1.0
done
quietly regesta participant enrol --study rare-01 --site lyon LYON-0001 LYON-0002 --as lyon/admin
quietly regesta participant enrol --study rare-01 --site annex ANNEX-0001 --as lyon/admin
quietly regesta participant enrol --study rare-02 --site lyon LYON-0001 --as lyon/admin
everything=4
out_of() { regesta register export --output "$1" --as lyon/admin "${@:2}"; }
known() { regesta participant list --as charite/admin --json | grep -c '"reference"'; }

# ---- What is exported
fails 2 "site is of a study: give --study" "a site without its study" out_of bad --to charite --site lyon
fails 2 "participant is of a study: give --study" "a participant without the study" out_of bad --to charite --participant LYON-0001
fails 6 "to: no organisation.*nobody" "an organisation that is none" out_of bad --to nobody
fails 6 "to: no actor charite/nobody" "an actor that is none" out_of bad --to charite/nobody
fails 6 "study: no study" "a study that is none" out_of bad --to charite --study rare-99
fails 6 "no such participant in study rare-02" "a participant of another study" out_of bad --to charite --study rare-02 --participant LYON-0002
fails 6 "no participant of study rare-02 at site annex" "a site without participants" out_of bad --to charite --study rare-02 --site annex
fails 2 "both say whom" "two recipients" out_of bad --to charite --successor charite.request
[ ! -e bad ] || die "a refused export left a file"
works "one participant, to an actor's key" out_of one.bin --to charite/admin --study rare-01 --participant LYON-0002 --json
grep -q '"participants": 1' "$out" || die "not one participant"
works "a site, to an actor's key" out_of site.bin --to charite/admin --study rare-01 --site lyon --json
grep -q '"participants": 2' "$out" || die "not two participants"
works "everything, to an organisation's recovery key" out_of all.bin --to charite
grep -q "of $everything participants written to all.bin, sealed to the recovery key of charite" "$out" || die "not said"
for file in one.bin site.bin all.bin; do
	! grep -aqE "LYON|ANNEX|rare-0" "$file" || die "$file names somebody"
	[ "$(stat -c %a "$file")" = 600 ] || die "$file can be read by others"
done
ok "nothing is in clear"

# ---- Who may open it, and what it then knows: no passphrase anywhere
unset REGESTA_PASSPHRASE
fails 8 "sealed to another key than yours \\(clinic/admin\\)" "not for somebody else" regesta register import one.bin --as clinic/admin
works "one participant is taken" regesta register import one.bin --as charite/admin --json
grep -q '"added": 1' "$out" || die "not one"
[ "$(known)" -eq 1 ] || die "it knows others"
works "the same again adds nothing" regesta register import one.bin --as charite/admin --json
grep -q '"added": 0' "$out" || die "something was added"
works "the site's" regesta register import site.bin --as charite/admin --json
grep -q '"added": 1' "$out" || die "not one more"
! regesta participant list --as charite/admin --json | grep -q ANNEX-0001 || die "it knows a participant of another site"
ok "of another site it knows nobody"
quietly regesta actor rotate --no-passphrase --as charite/admin --countersigned-by clinic/admin
works "a key that was rotated since opens it still" regesta register import one.bin --as charite/admin
works "with the recovery key, everything" regesta register import all.bin --as charite/admin --json
grep -q '"added": 2' "$out" || die "not two more"
[ "$(known)" -eq "$everything" ] || die "not everybody"
mv home/keys/recovery-charite.pem .
fails 8 "recovery key of charite, which is not on this machine" "not without it" regesta register import all.bin --as charite/admin
# The reference is the same: whose the participant is, the ledger says.
reference=$(regesta participant list --as lyon/admin --json | tr -d ' \n' | grep -oE '\{[^{}]*"ANNEX-0001"[^{}]*\}' | grep -oE '[0-9a-f]{64}')
regesta participant list --as charite/admin --json | grep -q "$reference" || die "another reference"
ok "the references are the same"

# The recovery key opens payloads too: a departed author loses nothing.
mv recovery-charite.pem home/keys/
engage charite/dm1 data-manager rare-01 berlin
echo "seen in Berlin" >visit.txt
quietly regesta submit visit.txt --study rare-01 --site berlin --as charite/dm1
item=$(last_id)
mv home/keys/charite~dm1.pem .
works "an author has left, and the recovery key of an admitted organisation opens the payload" regesta open "$item#0" --output visit.again --as charite/admin
cmp -s visit.txt visit.again || die "it came back otherwise"

# ---- A backup of its own
works "a backup to the own recovery key" out_of backup.bin --to lyon
mv "$(echo home/ledgers/*/register-lyon)" lost
quietly regesta register create --as lyon/admin
works "brings a lost register back" regesta register import backup.bin --as lyon/admin --json
grep -q "\"added\": $everything" "$out" || die "not all of it"
env REGESTA_PASSPHRASE="letter in the safe" regesta register export --output words.bin --as lyon/admin >"$out" 2>"$err" || die "under a passphrase"
fails 2 "for-my-key: words.bin is under a passphrase" "a file under a passphrase is no file for a key" regesta register import words.bin --for-my-key --as lyon/admin
audit_clean "the handing over"
