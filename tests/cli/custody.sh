#!/usr/bin/env bash
# What becomes of data that is recorded: whose it is, who keeps a copy, who used it; what a stolen key signed; findings; unblinding. With two
# organisations, so that what could loosen a restriction waits for the second.
cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/stories/story.sh
. tests/stories/story.sh
begin_ledger
admit lyon FR
quietly regesta register create --as lyon/admin
quietly regesta study register rare-01 --title T --sponsor clinic --site s1=clinic --site lyon=lyon --protocol 1.0
quietly regesta participant enrol --study rare-01 --site s1 P-0001 P-0002
submit() { # FILE PARTICIPANT: its item
	echo "$1" >"$1"
	quietly regesta submit "$1" --study rare-01 --site s1 --participant "$2" --json
	ids
}
said_of() { regesta show "$1" >"$out" 2>"$err" || die "show $1"; }

# ---- Whose it is
item=$(submit weight.txt P-0001)#0
before=$(regesta participant list --json | tr -d ' \n' | grep -oE '\{[^{}]*"P-0002"[^{}]*\}' | grep -oE '[0-9a-f]{64}')
fails 2 "to is missing" "reassigned to nobody" regesta data reassign "$item" --reason wrong-participant
fails 2 "reason is missing" "reassigned without a reason" regesta data reassign "$item" --to P-0002
fails 14 "recorded as refused: .*state" "reassigned from somebody whose it is not" regesta data reassign "$item" --from P-0002 --to P-0001 --reason wrong-participant
does "reassigned" regesta data reassign "$item" --to P-0002 --reason wrong-participant --json
shows '"unconfirmed"' "it waits for a second organisation"
reassignment=$(ids)
said_of "$item"
shows "once a second organisation attests it" "and is said to wait"
fails 14 "recorded as refused" "not reassigned again meanwhile" regesta data reassign "$item" --to P-0002 --reason wrong-participant
does "the own organisation's word" regesta attest "$reassignment" --statement approved
said_of "$item"
shows "once a second organisation attests it" "changes nothing"
does "the second organisation's word" regesta attest "$reassignment" --statement approved --as lyon/admin
said_of "$item"
hides "once a second organisation attests it" "and it is in effect"
quietly regesta show "$item" --json
shows "\"in_effect\": true, \"index\": [0-9]+, \"kind\": \"data.reassign\", .*\"to\": \"$before\"" "in JSON too"
hides '"in_effect": false' "and nowhere not"
fails 14 "recorded as refused: .*state" "it is no longer the first participant's" regesta data reassign "$item" --from P-0001 --to P-0002 --reason wrong-participant

# ---- Who used it nevertheless
does "read although it was reassigned" regesta access observe "$item" --study rare-01 --purpose duo.hmb --system edc-1 --recipient lyon/admin --json
shows '"item-reassigned"' "that is a flag"
does "an emergency, too" regesta access override "$item" --study rare-01 --recipient clinic/on-call --purpose duo.hmb --legal-basis vital-interest --reason other --json
shows '"item-reassigned"' "the same flag"

# ---- Recalled
fails 2 "recipient is missing" "recalled from nobody" regesta data recall "$item" --reason wrong-participant
does "recalled" regesta data recall "$item" --recipient lyon --reason wrong-participant --json
recall=$(ids)
does "the recipient acknowledges" regesta attest "$recall" --statement acknowledged --as lyon/admin
said_of "$item"
shows "recalled by ${recall:0:12} \\(wrong-participant\\)" "show says so"
quietly regesta prove state event "$recall" --output recall.state
outsider "the acknowledgement, proved" recall.state
shows "acknowledged" "in words"

# ---- Copies: who keeps, gets, has destroyed one
scan=$(submit scan.txt P-0001)#0
does "the other organisation keeps a copy" regesta data hold "$scan" --as lyon/admin
said_of "$scan"
shows "lyon keeps a copy" "show says so"
does "a copy goes there" regesta data move "$scan" --to lyon
fails 14 "recorded as refused" "an organisation that is none gets no copy" regesta data move "$scan" --to nobody
said_of "$scan"
shows "a copy went from clinic to lyon" "show says so"
fails 2 "what: unknown code .bot.; did you mean .both" "what was destroyed" regesta data destroyed "$scan" --what bot --as lyon/admin
does "destroyed without an order" regesta data destroyed "$scan" --what ciphertext --as lyon/admin --json
shows '"not-ordered"' "that is a flag"
said_of "$scan"
shows "destroyed by lyon \\(ciphertext\\)" "show says by whom"
hides "the item is erased" "it is not erased with it"
does "an order to keep it" regesta hold place --study rare-01 --item "$scan" --basis inspection --json
does "destroyed in spite of that" regesta data destroyed "$scan" --what both --as lyon/admin --json
shows '"held"' "that is a flag, too"
quietly regesta prove state copies "$scan" --study rare-01 --output scan.copies
outsider "who keeps it, proved" scan.copies
quietly regesta prove state holds rare-01 --output rare-01.holds
outsider "the study's holds, named by the study alone" rare-01.holds
quietly regesta prove state approvals rare-01 --output rare-01.approvals
outsider "its approvals" rare-01.approvals
fails 2 "study: .approvals. is named by its study" "two studies" regesta prove state approvals rare-01 --study rare-02
fails 2 "is no kind of record; it is one of organisation, " "no kind of record" regesta prove state approval rare-01

# ---- Erased, and used nevertheless
gone=$(submit gone.txt P-0002)#0
quietly regesta rights request P-0002 --study rare-01 --right erasure --json
request=$(ids)
quietly regesta rights answer "$request" --fulfilled --json
quietly regesta data erase "$gone" --answer "$(ids)"
for command in "observe --system edc-1" "override --legal-basis vital-interest --reason other"; do
	read -ra words <<<"$command"
	does "access ${words[0]} of what is to be erased" regesta access "${words[@]}" "$gone" --study rare-01 --recipient lyon/admin --purpose duo.hmb --json
	shows '"item-erased"' "that is a flag"
done

# ---- A finding, an arm
echo "a variant in BRCA1" >finding.txt
fails 2 "finding is missing" "a finding without its text" regesta finding report P-0001 --study rare-01 --to physician
fails 2 "to: unknown code .phsician.; did you mean .physician" "told to nobody there is" regesta finding report P-0001 --study rare-01 --to phsician --finding finding.txt
does "a finding" regesta finding report P-0001 --study rare-01 --to physician --finding finding.txt --json
finding=$(ids)
does "who may, opens it" regesta open "$finding" --output found
[ "$(cat found/* 2>/dev/null || cat found)" = "a variant in BRCA1" ] || die "it came back otherwise"
echo "placebo arm" >arm.txt
fails 2 "kind: unknown code" "unblinded in no known way" regesta blinding unblind P-0001 --study rare-01 --kind curious --arm arm.txt --reason other
fails 2 "kind is missing" "unblinded without saying how" regesta blinding unblind P-0001 --study rare-01 --arm arm.txt --reason other
does "unblinded" regesta blinding unblind P-0001 --study rare-01 --kind emergency --arm arm.txt --reason other --json
quietly regesta history P-0001 --participant --study rare-01
shows "arm became known|unblind" "it is in the participant's history"
unseen "neither text is in the ledger" "a variant in BRCA1" "placebo arm"

# ---- What a key signed when others may have had it
quietly regesta key new clinic/dm1 --roles data-manager --request dm1.request --no-passphrase --quiet
quietly regesta actor enrol dm1.request
quietly regesta actor assign clinic/dm1 --study rare-01 --site s1 --role data-manager --from 2026-01-01
for n in 1 2 3; do
	echo "by whom, $n?" >"doubtful$n"
	quietly regesta submit "doubtful$n" --study rare-01 --site s1 --as clinic/dm1 --json
	doubtful[n]=$(ids)
done
fails 14 "recorded as refused: nothing says" "what is not suspect is not affirmed" regesta actor affirm "${doubtful[1]}"
quietly regesta show "${doubtful[1]}" --json
old_key=$(sed -nE 's/^ *"key": "([0-9a-f]{64})".*/\1/p' "$out")
[ -n "$old_key" ] || die "no key of clinic/dm1 is shown"
quietly regesta actor rotate --no-passphrase --as clinic/dm1 --countersigned-by clinic/admin
quietly regesta actor revoke clinic/dm1 --key "$old_key" --reason key-compromised --compromised-since 2020-01-01T00:00:00Z
quietly regesta list suspects --json
for n in 1 2 3; do shows "${doubtful[n]}" "event $n is suspect"; done
fails 14 "recorded as refused" "the author's new key came from the suspect one, and affirms nothing" regesta actor affirm "${doubtful[1]}" --as clinic/dm1
does "an administrator affirms two at once" regesta actor affirm "${doubtful[1]}" "${doubtful[2]}"
fails 14 "recorded as refused: .*state" "and not twice" regesta actor affirm "${doubtful[1]}"
fails 14 "recorded as refused" "another organisation's administrator does not" regesta actor affirm "${doubtful[3]}" --as lyon/admin
quietly regesta list suspects --json
hides "${doubtful[1]}|${doubtful[2]}" "what is affirmed waits no more"
shows "${doubtful[3]}" "the third does"
does "repudiated" regesta actor repudiate "${doubtful[3]}" --reason key-compromised
said_of "${doubtful[3]}#0"
shows "state: repudiated" "and what it brought with it"
said_of "${doubtful[1]}#0"
shows "state: normal" "what was affirmed is as it was"

# ---- A node whose folder is lost
quietly regesta tiles tiles
quietly regesta backup backup
quietly regesta checkpoint --output last.checkpoint
mv "$REGESTA_LEDGER" lost
cp -r backup "$REGESTA_LEDGER"
fails 7 "whole in .*--yes" "keys that are in use are not put aside unasked" regesta recover --last-checkpoint last.checkpoint --no-passphrase
does "recovery, said to be meant" regesta recover --last-checkpoint last.checkpoint --no-passphrase --yes
works "it goes on" regesta submit scan.txt --study rare-01 --site s1 --again
audit_clean "all this"
