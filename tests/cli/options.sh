#!/usr/bin/env bash
# Every option of every command, given wrong values (wrong type, out of range, unknown code, 31 February, no zone, year 0, a file that is
# missing, empty): one sentence that names the option, the exit code of bad input, nothing recorded.
cd "$(dirname "$0")/../.." || exit
project=$PWD
# shellcheck source=tests/stories/story.sh
. tests/stories/story.sh
# ---- A ledger in which the examples of the help are right
quietly regesta init "$REGESTA_LEDGER" --organisation charite --country DE --no-passphrase --quiet
quietly regesta study register rare-01 --title T --sponsor charite --site berlin=charite --site s1=charite --protocol 1.0
for n in dm1 monitor nurse; do
	quietly regesta key new charite/$n --roles data-manager --request $n.request --no-passphrase --quiet
	quietly regesta actor enrol $n.request
done
quietly regesta participant enrol --study rare-01 --site berlin P-001 P-002 P-003 P-017 07
quietly regesta study register registry-02 --title T --sponsor charite --site berlin=charite --protocol 1.0
quietly regesta participant enrol --study registry-02 --site berlin R-17
for name in form.pdf vote.pdf letter.pdf signed.pdf waiver.pdf parents.pdf consent-2.pdf agreement.pdf cause.txt mother.txt finding.txt arm.txt what.txt visit1.json \
	visit1-corrected.json model.bin consent.json; do echo "$name" >$name; done
mkdir scans && echo scan >scans/1
quietly regesta submit visit1.json --study rare-01 --site berlin --participant P-001 --receipt visit1.receipt --json
item=$(ids)
quietly regesta key new lyon/admin --roles administrator --request admin.request --no-passphrase --ledger-id "$(ledger_id)" --quiet
quietly regesta organisation request admin.request --organisation lyon --title Lyon --country FR --request lyon.request --no-passphrase
quietly regesta policy --output ledger.policy
quietly regesta checkpoint --output 2026-03.checkpoint
quietly regesta tiles audit-copy
export REGESTA_PASSPHRASE="where one is asked for"
quietly regesta consent give --study rare-01 --participant P-001 --form form.pdf:2.1:de:adult --permit all --when 2026-02-27 --json
consent=$(ids)
quietly regesta agreement record --study rare-01 --party charite --party charite --from 2026-03-01 --instrument none-needed --json
agreement=$(ids)
quietly regesta hold place --study rare-01 --participant P-002 --basis inspection --json
hold=$(ids)
printf '{"item": "%s", "consent annul": "%s", "agreement end": "%s", "hold lift": "%s"}' "$item" "$consent" "$agreement" "$hold" >ids.json
cat >event.json <<'END'
{"kind": "study.amend", "study": "rare-01", "when": "2026-03-01", "capacity": {"code": "own"}, "meaning": "authored", "body": {"protocol_version": "2.0"}}
END
python3 "$project/tests/cli/options.py" ids.json >"$out" 2>"$err" || { grep -v ^ok "$out" | head -n 200 >&2; cat "$err" >&2; die "options"; }
grep ^ok "$out"
ok "$(tail -n 1 "$out")"
audit_clean "all this"
