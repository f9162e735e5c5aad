#!/usr/bin/env bash
# Erasure: asked for, granted, ordered, done and attested. Afterwards no copy that this holder has, but a backup made before, holds the
# key or the ciphertext; every receipt and the audit verify as before. A hold comes first.
cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
new_ledger
hex_of() { od -An -v -tx1 "$1" | tr -d ' \n'; }
# finders HEX FOLDER...: the files below that hold these bytes.
finders() {
	local wanted=$1 file
	shift
	find "$@" -type f -size -64M | sort | while read -r file; do
		hex_of "$file" | grep -q "$wanted" && echo "$file"
	done
	return 0
}
first_id() { ids | head -n 1; }

quietly regesta participant enrol --study rare-01 --site s1 P-0001 P-0002
echo "the whole genome of somebody rare" >genome.txt
echo "another one's" >other.txt
works "data is submitted" regesta submit genome.txt --study rare-01 --site s1 --participant P-0001 --receipt genome.receipt --json
quietly regesta list items --json
item=$(sed -nE 's/^ *"item": "([0-9a-f]{64}#0)".*/\1/p' "$out")
cid=$(sed -nE 's/^ *"cid": "([^"]+)".*/\1/p' "$out")
quietly regesta submit other.txt --study rare-01 --site s1 --participant P-0002 --receipt other.receipt
quietly regesta policy --output ledger.policy
quietly regesta tiles tiles
folder=$(find "$REGESTA_LEDGER/payload" -type d -name "$cid")
[ -s "$folder/data" ] || die "there is no payload $cid"
# A stretch of the ciphertext, and of each wrapped key, in hex.
needles=("$(dd if="$folder/data" bs=1 skip=48 count=64 status=none | od -An -v -tx1 | tr -d ' \n')")
for jwe in "$folder"/keys/*.jwe; do
	needles+=("$(cut -d . -f 2 "$jwe" | head -c 40 | od -An -v -tx1 | tr -d ' \n')")
done
[ ${#needles[@]} -ge 3 ] || die "the key is wrapped for fewer than two"
for needle in "${needles[@]}"; do
	[ ${#needle} -ge 64 ] || die "nothing to look for"
	[ -n "$(finders "$needle" "$REGESTA_LEDGER")" ] || die "the search finds nothing before the erasure"
done
ok "key and ciphertext are found before"
works "a backup is made before" regesta backup backup

# ---- Asked, held, granted, ordered
works "the participant asks" regesta rights request P-0001 --study rare-01 --right erasure --json
request=$(first_id)
works "the request is listed with its deadline" regesta list rights --study rare-01 --json
grep -q '"due"' "$out" || die "list rights names no deadline"
grep -q '"right": "erasure"' "$out" || die "list rights does not name the right"
refused 5 "nothing orders" "erasing without an order" regesta payload erase "$item"
works "a hold is placed" regesta hold place --study rare-01 --participant P-0001 --basis inspection --json
hold=$(first_id)
works "holds are listed" regesta list holds --study rare-01
grep -q inspection "$out" || die "list holds does not say why"
works "the request is granted" regesta rights answer "$request" --fulfilled --json
answer=$(first_id)
fails 14 "recorded as refused: a hold in force" "an order to erase what is held" regesta data erase "$item" --answer "$answer"
refused 5 "nothing orders" "erasing what is held" regesta payload erase "$item"
fails 2 "reason is missing" "lifting without a reason" regesta hold lift "$hold"
works "the hold is lifted" regesta hold lift "$hold" --reason other
fails 14 "recorded as refused: the answer that it names" "the order for another participant's item" \
	regesta data erase "$(regesta list items --json | sed -nE 's/^ *"item": "([0-9a-f]{64}#0)".*/\1/p' | grep -v "$item" | head -n 1)" --answer "$answer"
works "the erasure is ordered" regesta data erase "$item" --answer "$answer" --receipt order.receipt
quietly regesta show "$item"
grep -q "state: to-be-erased" "$out" || die "the item is not to be erased"
works "nothing is destroyed in a dry run" regesta payload erase "$item" --dry-run
[ -s "$folder/data" ] || die "a dry run destroyed the payload"

# ---- A hold that comes after the order: of the participant, of the item, of everything that the organisation recorded
for scope in "--participant P-0001" "--item $item" ""; do
	read -ra words <<<"$scope"
	works "a hold comes after the order: ${words[0]:-of everything}" regesta hold place --study rare-01 "${words[@]}" --basis legal-claims --json
	hold=$(first_id)
	refused 5 "must be kept: hold ${hold:0:12} of clinic is in force \(legal-claims\), and nothing was destroyed" "nothing is erased" regesta payload erase "$item"
	refused 5 "hold ${hold:0:12}" "nor in a dry run" regesta payload erase "$item" --dry-run
	[ -s "$folder/data" ] || die "the payload is gone in spite of the hold"
	quietly regesta hold lift "$hold" --reason other
done
works "a hold of another participant is no hindrance" regesta hold place --study rare-01 --participant P-0002 --basis inspection
works "and one that has ended neither" regesta hold place --study rare-01 --item "$item" --basis inspection --until 2020-01-01Z
works "the dry run goes through" regesta payload erase "$item" --dry-run

# ---- Done
works "key and ciphertext are destroyed, and it is attested" regesta payload erase "$item" --receipt destroyed.receipt
grep -q "backups" "$err" || die "nobody is told of backups"
[ ! -e "$folder" ] || die "the payload's folder is left"
quietly regesta show "$item"
grep -q "state: erased" "$out" || die "the item is not erased"
for needle in "${needles[@]}"; do
	found=$(finders "$needle" "$REGESTA_LEDGER" "$REGESTA_HOME" tiles ./*.receipt ledger.policy)
	[ -z "$found" ] || die "key or ciphertext is left in: $found"
	[ -n "$(finders "$needle" backup)" ] || die "the backup made before should hold it"
done
ok "no copy holds key or ciphertext but the backup made before: $(finders "${needles[0]}" backup | sed "s|^$place/||")"
fails 6 "was erased" "the item cannot be opened" regesta open "$item"
works "the other item opens" regesta open "$(regesta list items --json | sed -nE 's/^ *"item": "([0-9a-f]{64}#0)".*/\1/p' | grep -v "$item" | head -n 1)" --output other.again
cmp -s other.txt other.again || die "the other item is not what it was"

# ---- And everything verifies
for receipt in genome other order destroyed; do
	works "receipt verifies: $receipt" regesta verify "$receipt.receipt" --policy ledger.policy
done
works "the audit is clean" regesta audit
grep -q "erased, as attested by clinic/admin" "$out" || die "the audit does not say who attests the erasure"
works "in JSON too" regesta audit --json
grep -Eq '"payloads_erased": [12]' "$out" || die "the audit counts no erased payloads"
works "erasing again destroys nothing more" regesta payload erase "$item"
works "a backup made afterwards" regesta backup backup-after
for needle in "${needles[@]}"; do
	[ -z "$(finders "$needle" backup-after)" ] || die "the backup made afterwards holds it"
done
ok "a backup made afterwards holds neither"
lost=$(find "$REGESTA_LEDGER/payload" -name data | head -n 1)
mv "$lost" lost
fails 1 "1 deviation" "a payload that nobody destroyed is missed" regesta audit
mv lost "$lost"
audit_clean "the erasure"

# ---- Incidents, suspects
works "an incident is recorded" regesta data incident "$item" --study rare-01 --kind wrong-recipient --json
incident=$(first_id)
works "incidents are listed with their clock" regesta list incidents --study rare-01 --json
grep -q '"stage": "discovered"' "$out" || die "the incident is not open"
quietly regesta data incident --study rare-01 --kind wrong-recipient --first "$incident" --stage closed
works "a closed incident is said to be" regesta list incidents --study rare-01 --json
grep -q '"stage": "closed"' "$out" || die "the incident is not closed"
quietly regesta key new clinic/dm1 --roles data-manager --request dm1.request --no-passphrase --quiet
quietly regesta actor enrol dm1.request
quietly regesta actor assign clinic/dm1 --study rare-01 --site s1 --role data-manager
echo "by whom?" >doubtful.txt
quietly regesta submit doubtful.txt --study rare-01 --site s1 --as clinic/dm1
works "no event is suspect" regesta list suspects --json
! grep -q '"event"' "$out" || die "an event is suspect"
quietly regesta actor revoke clinic/dm1 --reason key-compromised --compromised-since 2020-01-01T00:00:00Z
works "suspect events are listed" regesta list suspects --json
suspect=$(sed -nE 's/^ *"event": "([0-9a-f]{64})".*/\1/p' "$out" | head -n 1)
[ -n "$suspect" ] || die "no event is suspect"
works "and repudiated" regesta actor repudiate "$suspect" --reason key-compromised
quietly regesta list suspects --json
! grep -q "$suspect" "$out" || die "a repudiated event still waits"
quietly regesta show "$suspect#0"
grep -q "state: repudiated" "$out" || die "what it brought is not repudiated"
audit_clean "everything"
