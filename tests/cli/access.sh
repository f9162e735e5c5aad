#!/usr/bin/env bash
# Who used data: recorded, shown by used-by, also through what was derived; limits that init sets; contracts.
cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
new_ledger
quietly regesta participant enrol --study rare-01 --site s1 P-001
echo one >one.txt
echo two >two.txt
works "a submission" regesta submit one.txt --study rare-01 --participant P-001 --category clinical --json
first=$(ids)
works "nobody used it" regesta used-by "$first#0"
grep -q "nobody used it" "$out" || die "it does not say so"
works "observed" regesta access observe "$first#0" --study rare-01 --purpose duo.hmb --system edc-1 --recipient cro-1/monitor --json
observed=$(ids)
works "derived" regesta derive two.txt --study rare-01 --from "$first#0" --json
derived=$(ids)
works "an emergency" regesta access override "$derived#0" --study rare-01 --recipient clinic/on-call --purpose duo.hmb \
	--legal-basis vital-interest --reason other --json
grep -q to-review "$out" || die "not flagged for review"
override=$(ids)

# ---- used-by
works "used-by of the item" regesta used-by "$first#0" --json
[ "$(grep -c '"event":' "$out")" -eq 3 ] || die "not three uses"
grep -q "\"through\": \"${derived:0:12}#0\"" "$out" || die "not through what was derived"
works "used-by of the participant" regesta used-by P-001 --study rare-01
grep -q "cro-1/monitor" "$out" || die "who observed is not shown"
grep -q "clinic/on-call" "$out" || die "who overrode is not shown"

# ---- The end of it
works "revoked" regesta access revoke "$observed" --reason participant-request
fails 14 "state" "revoked twice" regesta access revoke "$observed" --reason participant-request
works "closed" regesta access close "$override" --json
grep -q copies-remain "$out" || die "not flagged: copies are left"
fails 6 "" "no such access" regesta access close 00112233445566

# ---- Contracts
printf 'contract "Test" version 1\n\nclause "all" permit any use when approval is valid because "Because."\n' >test.contract
works "proposed" regesta contract propose test.contract --study rare-01 --json
works "shown" regesta show "$(ids)" --json
grep -q '"source": "contract' "$out" || die "its text is not in the event"
fails 14 "" "proposed twice" regesta contract propose test.contract --study rare-01
cat >bad.json <<END
{"kind": "contract.propose", "study": "rare-01", "when": "2026-03-01", "capacity": {"code": "own"}, "meaning": "authored",
 "body": {"contract": "$(printf RGCT | sha256sum | cut -c1-64)", "source": "contract", "code": "UkdDVA=="}}
END
fails 14 "verifier" "code that the verifier refuses" regesta record bad.json
printf 'contract "Test" version 1\n\nclause "all" permitt any use because "Because."\n' >bad.contract
fails 3 "bad.contract:3:14" "a text that is none" regesta contract propose bad.contract --study rare-01
cat >request.json <<END
{"kind": "access.request", "study": "rare-01", "when": "2026-03-01", "capacity": {"code": "own"}, "meaning": "authored",
 "body": {"what": {"items": ["$first#0"]}, "recipient": "clinic/admin", "purpose": "duo.hmb", "mode": "view", "legal_basis": "consent"}}
END
fails 14 "contract" "a request without a contract" regesta record request.json
audit_clean "access"

# ---- Limits
export REGESTA_LEDGER=$place/small REGESTA_HOME=$place/home2
fails 2 "BURST:REFILL" "a limit that is none" regesta init "$REGESTA_LEDGER" --organisation clinic --country DE --no-passphrase --limit-key 5
quietly regesta init "$REGESTA_LEDGER" --organisation clinic --country DE --no-passphrase --quiet --limit-key 3:1 --limit-restrictions 2:1
quietly regesta study register rare-01 --title "A study" --sponsor clinic --site s1=clinic --protocol 1.0
for n in 1 2 3 4 5 6 7 8; do regesta study amend rare-01 --site "x$n=clinic" --offline >/dev/null 2>&1 || die "offline $n"; done
fails 5 "were refused" "a flood is bounded" regesta push
regesta list outbox >"$out" 2>"$err"
grep -q "too much at once" "$out" || die "it does not say why"
ok "and says why"
for n in 1 2 3 4 5 6 7 8 9; do
	sleep 1
	regesta push --again >"$out" 2>"$err" && break
done
works "nothing is left in the end" regesta push --again
[ "$(entries)" -eq 20 ] || die "genesis, the study and eight amendments, each with its block: $(entries)"
ok "all of it is recorded, once"
audit_clean "a flood"

# ---- Changed by vote: what is not named stays as it is
fails 2 "in force already" "no change" regesta governance propose-limits
fails 2 "in force already" "the same again" regesta governance propose-limits --limit-key 3:1
fails 2 "limit-organisation is BURST:REFILL" "a limit that is none" regesta governance propose-limits --limit-organisation 0:5
sleep 1
works "other limits are proposed" regesta governance propose-limits --limit-key 50:20 --json
proposal=$(ids)
quietly regesta list proposals
grep -q "50:20.*1000000:10000.*2:1" "$out" || die "the other limits do not stay as they are"
ok "the others stay as they are"
sleep 1
works "the vote" regesta governance vote "$proposal" --approve
sleep 1
for n in $(seq 10); do regesta study amend rare-01 --site "y$n=clinic" --offline >/dev/null 2>&1 || die "offline $n"; done
works "ten at once are not too many now" regesta push
fails 2 "in force already" "these are in force" regesta governance propose-limits --limit-key 50:20
audit_clean "a change of limits"
