#!/usr/bin/env bash
# Submissions given again, corrections, rotated keys, times to come, lists from spreadsheets.
cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
new_ledger
quietly regesta participant enrol --study rare-01 --site s1 P-001
mkdir in && echo one >in/one && echo two >in/two
submit=(regesta submit in --study rare-01 --participant P-001 --category imaging)

# ---- A finished submission given again
works "a submission" "${submit[@]}" --json
first=$(ids)
before=$(entries)
works "given again" "${submit[@]}" --json --receipt again.receipt
[ "$(ids)" = "$first" ] || die "the event that holds it is not shown"
grep -q '"already": true' "$out" || die "it does not say so"
[ "$(entries)" = "$before" ] || die "something was recorded"
[ -s again.receipt ] || die "no receipt"
ok "shows the event that holds it, and records nothing"
works "in words" "${submit[@]}"
grep -q "nothing was recorded now" "$out" || die "it does not say so"
names=$(find home/ledgers/*/submitted home/ledgers/*/journal -type f -printf '%f\n')
[ "$(grep -c '^[0-9a-f]\{64\}$' <<<"$names")" -eq 1 ] || die "one record, by its digest: $names"
grep -rqsE 'in/one|one|P-001' home/ledgers/*/submitted && die "a name in clear"
ok "the record of it names nothing"
works "--again records it once more" "${submit[@]}" --again --json
[ "$(ids)" != "$first" ] || die "the old event"
second=$(ids)
works "which then is what holds it" "${submit[@]}" --json
[ "$(ids)" = "$second" ] || die "another event"
works "other options are another submission" "${submit[@]}" --meaning reviewed --json
grep -q '"already": false' "$out" || die "other options"
echo three >in/two
works "a changed file is another submission" "${submit[@]}" --json
grep -q '"already": false' "$out" || die "a changed file"
for text in same same other; do
	printf '%s' "$text" | regesta submit - --name n --study rare-01 --json >"$out" 2>"$err" || die "standard input"
	grep -oE '"already": [a-z]*' "$out"
done >stdin
[ "$(tr '\n' ' ' <stdin)" = '"already": false "already": true "already": false ' ] || die "standard input: $(cat stdin)"
ok "standard input is known by its content"

# ---- A dry run
works "a dry run in words" "${submit[@]}" --dry-run
grep -q "nothing was sealed or recorded" "$out" || die "words"
grep -q '{' "$out" && die "JSON instead of words"
works "a dry run in JSON" "${submit[@]}" --dry-run --json
"$helpers/json_check" <"$out" || die "JSON"

# ---- Corrections have what the item had
echo better >better
works "a correction" regesta correct "$first#0" better --reason source-corrected --json
correction=$(ids)
{ grep -q '"category": "imaging"' "$out" && grep -q '"participant"' "$out"; } || die "not the item's category and participant"
ok "category and participant are the item's"
works "a correction of the correction, with another category" regesta correct "$correction#0" better --reason source-corrected --category laboratory --json
{ grep -q '"category": "laboratory"' "$out" && grep -q '"participant"' "$out"; } || die "not the option's category"
ok "what an option says goes before"

# ---- A file of that length that changes while it is read
head -c 30000000 /dev/zero >moving
(while :; do echo x | dd of=moving conv=notrunc status=none; done) 2>/dev/null &
writer=$!
refused 3 "changed while" "derive of a file that changes" regesta derive moving --study rare-01 --from "$first#0"
refused 3 "changed while" "correct by a file that changes" regesta correct "$first#1" moving --reason source-corrected
kill "$writer"
wait "$writer" 2>/dev/null

# ---- Times to come
refused 2 "^regesta.*--collected: .*future" "--collected in the future" "${submit[@]}" --again --collected 2999-01-01
refused 2 "^regesta.*--collected: .*future" "derive: --collected in the future" regesta derive better --study rare-01 --from "$first#0" --collected 2999-01
printf 'file,collected\nbetter,2999-01-01\n' >list.csv
refused 2 "line 2: collected: .*future" "a list: collected in the future" regesta submit --manifest list.csv --study rare-01
document() { printf '{"kind": "attest", "study": "rare-01", "when": "%s", "body": {"targets": [{"event": "%s"}], "meaning": "reviewed"}}' "$1" "$first"; }
document 2999-01-01 >event.json
refused 3 "when: .*future" "record: when in the future" regesta record event.json
document 2026-03-01 >event.json
works "record: when in the past" regesta record event.json

# ---- What a message names
refused 2 "^regesta.*--category: unknown code .genomc.; did you mean .genomic" "--category is named" regesta submit in --study rare-01 --category genomc
refused 2 "^regesta.*--category: " "derive: --category is named" regesta derive better --study rare-01 --from "$first#0" --category genomc
refused 2 "^regesta.*--statement: " "attest: --statement is named" regesta attest "$first" --statement revewed
refused 2 "^regesta.*--site: " "--site is named" "${submit[@]}" --again --site 'no site'
mkdir empty
refused 2 "the folder empty has no file" "an empty folder" regesta submit empty --study rare-01
printf 'file;category\nbetter;imaging\n' >list.csv
refused 3 "semicolons, and commas are wanted; save the table" "a list with semicolons" regesta submit --manifest list.csv --study rare-01
printf 'file\tcategory\nbetter\timaging\n' >list.csv
refused 3 "tabs, and commas are wanted" "a list with tabs" regesta submit --manifest list.csv --study rare-01

# ---- A key that was rotated out still opens what was sealed for it
find home/ledgers -name 'recovery-*.pem' -exec mv {} . \;
works "rotation" regesta actor rotate --no-passphrase
works "what was sealed before opens" regesta open "$first#0" --output opened
[ "$(cat opened)" = one ] || die "it came back otherwise"
works "and a whole event" regesta open "$first" --output back
mv home/keys/*-until-*.pem .
fails 8 "not wrapped for you" "not without the file of the replaced key" regesta open "$first#0" --output opened2
audit_clean "all this"
