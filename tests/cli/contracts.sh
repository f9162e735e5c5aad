#!/usr/bin/env bash
# A contract from its text to a disclosure, through the command: proposed, decided, asked, referred, disclosed, stopped; told why; audited.
project=$(cd "$(dirname "$0")/../.." && pwd)
cd "$project" || exit
# shellcheck source=tests/stories/story.sh
. tests/stories/story.sh
regesta init "$REGESTA_LEDGER" --organisation clinic --country DE --quiet --no-passphrase >"$out" 2>"$err" || die "init"
admit ethics-a DE administrator,ethics-committee
admit lyon FR administrator,researcher
admit dac-a DE administrator,data-access-committee
quietly regesta study register rare-01 --title "A study" --sponsor clinic --site s1=clinic --committee ethics-a --protocol 1.0 \
	--legal-basis public-interest-research
quietly regesta actor assign dac-a/admin --study rare-01 --site s1 --role data-access-committee --from 2026-01-01
quietly regesta ethics approve --study rare-01 --committee ethics-a --protocol 1.0 --when 2026-01-10+01:00 --as ethics-a/admin
quietly regesta participant enrol --study rare-01 --site s1 P-001 P-002
echo one >one.txt
echo two >two.txt
works "a submission" regesta submit one.txt --study rare-01 --participant P-001 --category clinical --collected 2026-01-15+01:00 --json
first=$(ids)
works "another" regesta submit two.txt --study rare-01 --participant P-002 --category genomic --collected 2026-01-15+01:00 --json
second=$(ids)

# ---- Proposed and decided
cat >study.contract <<'END'
contract "Registry" version 1
clause "research" permit read of clinical for DUO:0000006
  when approval is valid because "Research on health, as approved." then expire after 30 days, notify data-protection-officer
clause "genomes" refer read of genomic when approval is valid because "The committee looks at genomes."
clause "objection" forbid any use when objection covers this use because "Whoever objects is heard."
END
works "proposed" regesta contract propose study.contract --study rare-01 --json
contract=$(tr -d ' \n' <"$out" | grep -oE '"contract":"[0-9a-f]{64}"' | cut -d'"' -f4)
if [ -z "$contract" ]; then
	proposal=$(ids)
	works "shown" regesta show "$proposal" --json
	contract=$(tr -d ' \n' <"$out" | grep -oE '"contract":"[0-9a-f]{64}"' | cut -d'"' -f4)
fi
fails 14 "no contract" "not in force yet" regesta access request "$first#0" --purpose duo.hmb --as lyon/admin
fails 14 "" "who proposed does not approve" regesta contract decide "$contract" --study rare-01 --approve --protocol 1.0
fails 2 "say one of" "nothing is decided" regesta contract decide "$contract" --study rare-01 --as ethics-a/admin
# A text that does not say what is executed: the ledger does not compile, whoever decides does.
works "its code" regesta show "$(regesta log --kind contract.propose --limit 1 --json | sed -nE 's/^ {6}"id": "([0-9a-f]{64})".*/\1/p')" --json
sed -nE 's/^ *"code": "([A-Za-z0-9+\/]{40,}=*)".*/\1/p' "$out" | base64 -d >forged.code
[ "$(sha256sum <forged.code | cut -c1-64)" = "$contract" ] || die "the contract's id is not the hash of its code"
printf '\7' | dd of=forged.code bs=1 seek=19 conv=notrunc status=none # calls itself version 7
forged=$(sha256sum <forged.code | cut -c1-64)
cat >forged.json <<END
{"kind": "contract.propose", "study": "rare-01", "when": "2026-03-01", "capacity": {"code": "own"}, "meaning": "authored",
 "body": {"contract": "$forged", "source": "contract \"Harmless\" version 7\nclause \"none\" permit read of safety when approval is valid because \"B.\"", "code": "$(base64 -w 0 forged.code)"}}
END
works "a forged proposal" regesta record forged.json
fails 1 "do not approve it" "is not approved" regesta contract decide "$forged" --study rare-01 --approve --protocol 1.0 --as ethics-a/admin
fails 6 "nobody proposed" "nobody proposed it" regesta contract decide "${forged//[0-9]/0}" --study rare-01 --approve --protocol 1.0 --as ethics-a/admin
works "approved" regesta contract decide "$contract" --study rare-01 --approve --protocol 1.0 --as ethics-a/admin

# ---- Asked
fails 14 "no clause of the contract permits it" "another purpose" regesta access request "$first#0" --purpose duo.poa --as lyon/admin
works "asked for both" regesta access request "$first#0" "$second#0" --purpose duo.hmb --as lyon/admin --json
request=$(ids)
works "shown" regesta show "$request"
shows 'item 0: permit, clause "research": Research on health, as approved' "the clause, and its reason"
shows 'item 1: refer, clause "genomes"' "people decide about the other"
works "as JSON" regesta show "$request" --json
for part in '"clause": "research"' '"duty": "notify"' '"role": "data-protection-officer"' '"until_before"' "\"contract\": \"$contract\""; do
	grep -qF "$part" "$out" || die "$part is not shown"
done
ok "contract, clause, obligations and end"

# ---- Disclosed, decided, disclosed
works "what is permitted is disclosed" regesta access disclose --grant "$request" --json
disclosed=$(ids)
works "shown" regesta show "$disclosed" --json
grep -q '"sealing_key"' "$out" || die "no key is named"
grep -q '"outside"' "$out" || die "what was referred is in the permit"
fails 2 "permit or --refuse" "decided what?" regesta access decide "$request" --as dac-a/admin
works "people decide" regesta access decide "$request" --permit --as dac-a/admin
works "all of it is disclosed" regesta access disclose --grant "$request" --json
works "shown" regesta show "$(ids)"
shows 'item 1: permit, clause "genomes"' "by what people permitted"

# ---- Stopped
quietly regesta consent object --study rare-01 --participant P-001 --existing-data restrict --use read --when 2026-02-01+01:00 --means letter
fails 14 'clause "objection": Whoever objects is heard' "the objection stops it" regesta access disclose "$first#0" --grant "$request"
works "not the other's" regesta access disclose "$second#0" --grant "$request"
works "revoked" regesta access revoke "$request" --reason other
fails 14 "revoked" "no more" regesta access disclose "$second#0" --grant "$request"
works "suspended" regesta contract decide "$contract" --study rare-01 --suspend --as ethics-a/admin
fails 14 "no contract" "nothing is permitted" regesta access request "$second#0" --purpose duo.hmb --as lyon/admin
works "renewed" regesta contract decide "$contract" --study rare-01 --renew --as ethics-a/admin
works "asked again" regesta access request "$second#0" --purpose duo.hmb --as lyon/admin
works "used by" regesta used-by "$second#0"
audit_clean "requests and disclosures"

# ---- Approved all the same, past the command that looks: the audit tells
cat >approved.json <<END
{"kind": "ethics.decide", "study": "rare-01", "when": "2026-03-01", "capacity": {"code": "own"}, "meaning": "approved",
 "body": {"committee": "ethics-a", "act": {"approve": {"protocol_version": "1.0"}}, "contract": "$forged"}}
END
works "a forged contract is approved" regesta record approved.json --as ethics-a/admin
code=0
regesta audit --json >"$out" 2>"$err" || code=$?
[ "$code" -eq 1 ] || die "audit of an approved contract that is not what was read: exit code $code"
grep -q '"check": "contract"' "$out" || die "it does not say which"
[ "$(grep -c '"check":' "$out")" -eq 1 ] || die "more than one deviation"
ok "the audit says what was approved unread"

# ---- A draft on one's own machine
examples=$project/docs/contracts
works "a contract is checked" regesta contract check "$examples/one-disease.contract" --json
"$helpers/json_check" <"$out" || die "contract check --json is no JSON"
grep -q '"clauses": 3' "$out" || die "its clauses"
[ "$(sed -nE 's/.*"contract": "([0-9a-f]{64})".*/\1/p' "$out" | wc -l)" -eq 1 ] || die "its id"
for example in "$examples"/*.contract; do
	works "cases of $(basename "$example")" regesta contract test "$example" "${example%.contract}.cases"
	grep -qE '^[0-9]+ cases, all as expected$' "$out" || die "how many"
done
sed 's/expect permit/expect deny/' "$examples/one-disease.cases" >changed.cases
fails 1 "2 of 8 cases did not end as expected" "cases that expect something else" regesta contract test "$examples/one-disease.contract" changed.cases
grep -q 'changed.cases:4:6: error: ' "$err" || die "it is not said which case"
sed 's/permit/permt/' "$examples/one-disease.contract" >draft.contract
fails 3 "is no contract yet: 1 error" "a misspelt word" regesta contract check draft.contract
grep -q 'draft.contract:12:3: error: .*permit, forbid or refer belongs here' "$err" || die "it is not said where, and what would be right"
fails 3 "no file of cases" "something else in the place of cases" regesta contract test "$examples/one-disease.contract" draft.contract
fails 6 "nothere" "a file that is not there" regesta contract check nothere
works "a draft from terms of DUO" regesta contract new --duo GRU,IRB,NPU,GS=FR+DE,TS=12 --output duo.contract
works "is a contract" regesta contract check duo.contract
fails 7 "duo.contract" "another in its place" regesta contract new --duo GRU --output duo.contract
fails 2 'GRX.*is no term of DUO' "a term that is none" regesta contract new --duo GRX
