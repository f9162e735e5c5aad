#!/usr/bin/env bash
# Who may act: a second organisation by proposal and vote, its own actors and register; refusals, rotations, revocations.
cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
new_ledger
ledger_id=$(regesta show ledger --json | sed -nE 's/^ *"ledger": "([0-9a-f]{64})".*/\1/p')
member() { # CODE ROLES: an actor of the clinic, enrolled
	quietly regesta key new "clinic/$1" --roles "$2" --request "$1.request" --no-passphrase --quiet
	quietly regesta actor enrol "$1.request"
}
works "the only administrator of the only organisation rotates alone" regesta actor rotate --no-passphrase
works "the register opens with the new key" regesta participant list
member dm1 monitor
member dm2 monitor
echo "data 1" >data1

# ---- Authority
# An actor without an assignment in the study submits: recorded, as refused, and it has no effect.
before=$(entries)
fails 14 "recorded as refused" "submission without authority is recorded as refused" regesta submit data1 --study rare-01 --again --as clinic/dm1
[ "$(entries)" -eq $((before + 2)) ] || die "a refusal is an entry and its block's end"
ok "a refusal is evidence: it is an entry"
[ "$(regesta list items --json | grep -c '"item":')" -eq 0 ] || die "a refused submission left an item"
ok "a refused submission brings no items"
works "refusals can be searched for" regesta log --json
grep -q '"verdict": "deny' "$out" || die "log does not say that it was refused"
fails 14 "recorded as refused" "who is no administrator enrols nobody" regesta actor enrol dm2.request --as clinic/dm1
quietly regesta actor assign clinic/dm1 --study rare-01 --site s1 --role data-manager
works "the same actor may, once assigned" regesta submit data1 --study rare-01 --again --as clinic/dm1
fails 6 "no actor clinic/nobody" "revoking nobody" regesta actor revoke clinic/nobody --reason staff-change

# ---- A second organisation
quietly regesta key new lyon/admin --roles administrator --request lyon-admin.request --no-passphrase --ledger-id "$ledger_id" --quiet
fails 2 "administrator" "a request of somebody who is no administrator" \
	regesta organisation request dm1.request --organisation lyon --country FR --request bad.request --no-passphrase
works "the newcomer asks" regesta organisation request lyon-admin.request --organisation lyon --title Lyon --country FR --request lyon.request --no-passphrase
works "a member proposes" regesta governance propose lyon.request --json
proposal=$(ids)
fails 14 "recorded as refused" "admission before the vote" regesta organisation admit "$proposal"
fails 2 "approve or" "a vote for nothing" regesta governance vote "$proposal"
works "the member votes" regesta governance vote "$proposal" --approve
works "the newcomer is admitted" regesta organisation admit "$proposal"
fails 14 "recorded as refused" "admission twice" regesta organisation admit "$proposal"
quietly regesta key new lyon/dm1 --roles data-manager --request lyon-dm1.request --no-passphrase --quiet
fails 14 "recorded as refused" "another organisation's administrator enrols nobody of it" regesta actor enrol lyon-dm1.request
works "its own administrator does" regesta actor enrol lyon-dm1.request --as lyon/admin
works "organisations are listed" regesta list organisations --json
[ "$(grep -cE '"(clinic|lyon)"' "$out")" -ge 2 ] || die "both organisations are not listed"
quietly regesta study amend rare-01 --site s2=lyon --reason protocol-change
quietly regesta actor assign lyon/admin --study rare-01 --site s2 --role data-manager --as lyon/admin

# ---- Registers
quietly regesta participant enrol --study rare-01 --site s1 CL-0001
fails 6 "register create" "the second organisation has no register yet" regesta participant enrol --study rare-01 --site s2 LY-0001 --as lyon/admin
works "it makes its own" regesta register create --as lyon/admin
fails 7 "already" "a register is made once" regesta register create --as lyon/admin
works "and enrols a participant" regesta participant enrol --study rare-01 --site s2 LY-0001 --as lyon/admin
quietly regesta participant list --json --as lyon/admin
{ grep -q LY-0001 "$out" && ! grep -q CL-0001 "$out"; } || die "each organisation's register holds its own participants alone"
ok "each organisation's register holds its own participants alone"
fails 8 "grant" "a data manager does not hold the register" regesta participant list --as clinic/dm1
fails 8 "grant" "nor may they grant it" regesta register grant clinic/dm1 --as clinic/dm1
fails 2 "not of clinic" "a register is not granted to another organisation" regesta register grant lyon/dm1
fails 6 "no actor" "nor to nobody" regesta register grant clinic/dm9
works "it is granted" regesta register grant clinic/dm1
works "and opens" regesta participant list --json --as clinic/dm1
grep -q CL-0001 "$out" || die "the register was granted but shows nothing"
works "holders are listed" regesta register holders --json --as clinic/dm1
[ "$(grep -c '"key":' "$out")" -eq 2 ] || die "two hold the register"
works "submission by number" regesta submit data1 --study rare-01 --again --participant CL-0001 --as clinic/dm1

# ---- Rotation
refused 5 "administrator of clinic must countersign.*nothing was signed" "a rotation needs the administrator's countersignature" regesta actor rotate --as clinic/dm1 --no-passphrase
works "rotation, countersigned" regesta actor rotate --as clinic/dm1 --no-passphrase --countersigned-by clinic/admin
works "the register opens with the new key" regesta participant list --json --as clinic/dm1
grep -q CL-0001 "$out" || die "the register is empty for the new key"
quietly regesta register holders --json
[ "$(grep -c '"key":' "$out")" -eq 2 ] || die "the old key still holds the register"
ok "and no longer with the old one"
works "the new key submits" regesta submit data1 --study rare-01 --again --participant CL-0001 --as clinic/dm1
refused 5 "another administrator must countersign.*nothing was signed" "nor may an administrator rotate alone where there is another organisation" regesta actor rotate --no-passphrase
works "countersigned by the other's" regesta actor rotate --no-passphrase --countersigned-by lyon/admin
works "the register opens with the administrator's new key" regesta participant list
works "the register is taken away" regesta register revoke clinic/dm1
fails 8 "grant" "and no longer opens" regesta participant list --as clinic/dm1
fails 6 "does not hold" "taking it twice" regesta register revoke clinic/dm1
fails 5 "last" "the last holder remains" regesta register revoke clinic/admin

# A key that was rotated out records nothing more.
mkdir old-home
cp -r "$REGESTA_HOME/." old-home
old=$(echo old-home/keys/clinic~dm1-until-*.pem)
mv "$old" old-home/keys/clinic~dm1.pem
refused 5 "replaced|rotated|no longer" "a key that was rotated out" regesta submit data1 --study rare-01 --again --as clinic/dm1 --home old-home
# But it may revoke what took its place, should that be a thief's.
successor=$(regesta key show clinic/dm1 --json | grep -oE '"kid": "[0-9a-f]{64}"' | head -n 1 | grep -oE '[0-9a-f]{64}')
works "except to revoke its successor" regesta actor revoke clinic/dm1 --key "$successor" --reason key-compromised \
	--compromised-since 2026-01-01 --as clinic/dm1 --home old-home
refused 5 "revoked" "a revoked key" regesta submit data1 --study rare-01 --again --as clinic/dm1

# ---- Revocation by the administrator
quietly regesta actor assign clinic/dm2 --study rare-01 --site s1 --role data-manager
works "the second data manager submits" regesta submit data1 --study rare-01 --again --as clinic/dm2 --json
suspect=$(ids)
works "the key is revoked, compromised since" regesta actor revoke clinic/dm2 --reason key-compromised --compromised-since 2026-01-01
refused 5 "key of clinic.dm2 was revoked .* as compromised since 2026-01-01" "the revoked key" regesta submit data1 --study rare-01 --again --as clinic/dm2
works "what it signed is still there" regesta show "$suspect"
fails 8 "revoked" "the register is not granted to a revoked key" regesta register grant clinic/dm2
audit_clean "all this"

# ---- A submission of which one event is refused
theirs=$(regesta participant list --json --as lyon/admin | grep -oE '"[0-9a-f]{64}"' | head -n 1 | tr -d '"')
mkdir many
{
	echo "file,participant"
	for i in $(seq 256); do echo "$i" >"many/$i"; echo "many/$i,"; done
	echo other >many/other
	echo "many/other,$theirs"
} >many.csv
count_items() { regesta list items --json | grep -c '"item":'; }
before=$(count_items)
fails 14 "that part alone" "another organisation's participant in a long list" regesta submit --manifest many.csv --study rare-01
[ "$(count_items)" -eq $((before + 256)) ] || die "the other files are not there, once"
fails 14 "that part alone" "the same list again" regesta submit --manifest many.csv --study rare-01
[ "$(count_items)" -eq $((before + 256)) ] || die "what was recorded is recorded twice"
ok "what is recorded is not recorded twice"
quietly regesta key new clinic/dm9 --roles monitor --request dm9.request --no-passphrase --quiet
quietly regesta actor enrol dm9.request
fails 14 "recorded as refused" "without an assignment" regesta submit data1 --study rare-01 --as clinic/dm9
quietly regesta actor assign clinic/dm9 --study rare-01 --site s1 --role data-manager
works "with one, the same command" regesta submit data1 --study rare-01 --as clinic/dm9
[ "$(count_items)" -eq $((before + 257)) ] || die "it is not recorded once"
works "and once more" regesta submit data1 --study rare-01 --as clinic/dm9 --json
grep -q '"already": true' "$out" || die "it does not say that it was recorded before"
audit_clean "refusals and repetitions"

# ---- Suspension and succession: two organisations, so both vote
pass() { # PROPOSAL
	quietly regesta governance vote "$1" --approve
	quietly regesta governance vote "$1" --approve --as lyon/admin
}
works "a suspension is proposed" regesta governance propose-suspension lyon --json
proposal=$(ids)
works "proposals are listed, whatever they are about" regesta list proposals --json
grep -q '"suspend-organisation"' "$out" || die "the proposal is not listed"
[ "$(grep -c '"state": "open"' "$out")" -eq 1 ] || die "it is not said that it is open, or of another that it is"
fails 14 "has not passed" "before the vote" regesta organisation suspend "$proposal"
pass "$proposal"
quietly regesta list proposals --json
grep -q '"state": "passed"' "$out" || die "it is not said that it has passed"
works "a member puts it into effect" regesta organisation suspend "$proposal"
quietly regesta list proposals --json
grep -q '"state": "\(open\|passed\)"' "$out" && die "it is not said that it is enacted"
ok "proposals are open, passed or enacted"
fails 14 "organisation is suspended" "what a suspended organisation records is refused" regesta participant enrol --study rare-01 --site s2 LY-0009 --as lyon/admin
works "that it be lifted" regesta governance propose-suspension lyon --lift --json
proposal=$(ids)
fails 14 "organisation is suspended" "the suspended one has no vote" regesta governance vote "$proposal" --approve --as lyon/admin
works "and does not count" regesta governance vote "$proposal" --approve
works "lifted" regesta organisation suspend "$proposal"
works "it records again" regesta participant enrol --study rare-01 --site s2 LY-0010 --as lyon/admin
works "a succession is proposed" regesta governance propose-succession lyon clinic --json
proposal=$(ids)
pass "$proposal"
fails 14 "administrator of the successor" "the old one does not hand over by itself" regesta organisation succeed "$proposal" --as lyon/admin
works "the successor takes over" regesta organisation succeed "$proposal"
fails 14 "has taken over" "the old one records nothing more" regesta participant enrol --study rare-01 --site s2 LY-0011 --as lyon/admin
works "the successor enrols at its site" regesta participant enrol --study rare-01 --site s2 CL-0100
audit_clean "suspension and succession"

# ---- What evidence of a ledger of several organisations says
quietly regesta participant enrol --study rare-01 --site s1 CL-0200 --receipt several.receipt
quietly regesta policy --output several.policy
works "a receipt verifies" regesta verify several.receipt --policy several.policy
grep -q 'one operator orders this ledger.*however many organisations record in it' "$out" || die "on whom order and time rest"
ok "several organisations, and one operator"
