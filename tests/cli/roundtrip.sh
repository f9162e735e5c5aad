#!/usr/bin/env bash
# What goes in comes out: submission, copies, evidence, restoration, from the command line alone.
#   QUICK=1: 2,600 files in place of 10,000
cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
new_ledger
quietly regesta participant enrol --study rare-01 --site s1 P-001 P-002

# ---- Names and contents
mkdir -p "in/Befunde März/leer" in/a/b/c
: >"in/Befunde März/leer/empty"
printf 'x' >"in/Befunde März/eins"
printf 'line\nline\n' >$'in/a/with\nnewline'
printf 'umlaut' >"in/a/b/Müller's \"file\".txt"
head -c 1048577 /dev/urandom >in/a/b/c/1MiB+1
head -c 65519 /dev/urandom >in/a/-dash
works "a folder with strange names" regesta submit in --study rare-01 --participant P-001 --receipt in.receipt --json
first=$(ids)
works "comes back" regesta open "$first" --output back
diff -r in back >"$err" || die "the folder came back otherwise"
find in -type f -printf '%P\0' | sort -z >in.names
find back -type f -printf '%P\0' | sort -z >back.names
cmp -s in.names back.names || die "names differ"
ok "byte for byte, with its names"
fails 7 "there already" "files that are there are not replaced" regesta open "$first" --output back
works "except on demand" regesta open "$first" --output back --force
works "an item by its address" regesta open "$(regesta show "$first" --json | grep -oE 'baf[a-z2-7]{56}' | head -n 1)" --output one
printf 'from stdin' | regesta submit - --name "table.sql" --study rare-01 --json >"$out" 2>"$err" || die "stdin"
regesta open "$(ids)" 2>"$err" | cmp -s - <(printf 'from stdin') || die "standard input came back otherwise"
ok "standard input"
printf '\xef\xbb\xbffile,participant,category,collected\r\n"in/a/-dash",P-001,laboratory,2026-02-27\r\n"in/Befunde März/eins",P-002,imaging,2026-02\r\n' >list.csv
works "a list, as spreadsheets write it" regesta submit --manifest list.csv --study rare-01 --site s1 --json
grep -q '"laboratory"' "$out" || die "the category of the list"
listed=$(ids)
works "an item of the list" regesta open "$listed#1" --output listed
cmp -s listed "in/Befunde März/eins" || die "an item of the list came back otherwise"
ok "comes back"

# ---- Many days: an event answers 128 different questions about consent
mkdir days
echo "file,collected" >days.csv
for day in $(seq 130); do
	echo "$day" >"days/$day"
	echo "days/$day,$(date -u -d "2025-01-01 +$day days" +%F)" >>days.csv
done
works "a dry run counts events" regesta submit --manifest days.csv --study rare-01 --participant P-001 --dry-run
grep -q "in 2 events" "$out" || die "130 days are not divided"
works "130 days" regesta submit --manifest days.csv --study rare-01 --participant P-001 --receipt days.receipt --json
[ "$(ids | wc -l)" -eq 2 ] || die "130 days are not two events"
grep -q denied "$out" && die "130 days were denied"
{ [ -s days.receipt.1 ] && [ -s days.receipt.2 ]; } || die "a receipt for each event"
ok "are two events"

# ---- What happens to data
echo derived >derived && echo corrected >corrected
works "derive" regesta derive derived --study rare-01 --from "$first#0" --from "$listed#1" --json
derived=$(ids)
works "correct" regesta correct "$listed#0" corrected --reason source-corrected --category laboratory --participant P-001 --json
corrected=$(ids)
works "retract" regesta retract "$first#1" --reason wrong-file
works "freeze" regesta dataset freeze --study rare-01 --name "analysis 1" "$first#0" "$derived" --json
frozen=$(ids)
works "attest" regesta attest "$derived#0" --statement reviewed
before=$(entries)
works "a dry run" regesta submit in --study rare-01 --dry-run
[ "$(entries)" = "$before" ] || die "a dry run recorded something"
ok "records nothing"
regesta template attest | sed "s/\"study\": \"[^\"]*\"/\"study\": \"rare-01\"/; s/[0-9a-f]\{64\}/$derived/" >template.json
works "a template, filled in, is recorded" regesta record template.json

# ---- Asking
grep -q . "$out"
for command in "show $first" "show $frozen" "show ledger" "log" "log --kind data.submit --limit 1" "list items --study rare-01" "list studies" \
	"list actors" "list organisations" "list datasets" "history $first#1" "history clinic/admin" "history rare-01" \
	"history P-001 --participant --study rare-01" "lineage $derived#0" "lineage $first#0"; do
	read -ra words <<<"$command"
	works "$command" regesta "${words[@]}"
	works "$command --json" regesta "${words[@]}" --json
	"$helpers/json_check" <"$out" || die "$command --json is no JSON"
done
works "--names" regesta list items --names --json
grep -q '"P-001"' "$out" || die "--names does not show the participant's number"
works "a picture" regesta lineage "$first#0" --svg lineage.svg
grep -q '<svg' lineage.svg || die "the picture is no SVG"
regesta lineage "$derived#0" --json >"$out"
grep -q "$first" "$out" || die "the lineage of what was derived lacks its input"
regesta lineage "$first#0" --json >"$out"
grep -q "$derived" "$out" || die "the lineage of the input lacks what was derived"
{ grep -q '"state": "' "$out" && grep -q '"cid": "baf' "$out"; } || die "the lineage lacks states and CIDs"
ok "lineage in both directions"
regesta show "$listed#0" >"$out"
regesta history "$listed#0" >>"$out"
grep -q "${corrected:0:8}\|correct" "$out" || die "the corrected item does not say so"
ok "a corrected item says so"

# ---- Addresses: what Kubo prints
head -c 0 /dev/zero >n0 && head -c 1 /dev/zero >n1
golden() {
	works "cid of $1" regesta cid "$1"
	grep -q "$2" "$out" || die "cid of $1: $2 was expected"
}
head -c 1048576 /dev/zero >zeros
golden n0 bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku
mkdir none
golden none bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354

# ---- Payloads alone
item_cid=$(regesta show "$first" --json | grep -oE 'baf[a-z2-7]{56}' | head -n 1)
works "a payload goes out" regesta payload export "$item_cid" --output item.car
gone=$(echo "$REGESTA_LEDGER"/payload/*/"$item_cid")
mv "$gone/data" kept.data
fails 6 "." "a payload that is not here" regesta open "$item_cid" --output lost
works "and comes back" regesta payload import item.car
cmp -s "$gone/data" kept.data || die "the imported payload differs"
works "and opens" regesta open "$item_cid" --output found
head -c 60 item.car >cut.car
fails 3 "." "a CAR that is cut off" regesta payload import cut.car
audit_clean "export and import"

# ---- The register alone
echo "words of the register" >pass
works "the register goes out" regesta register export --output register.bin --passphrase-file pass
state=$(echo "$REGESTA_HOME"/ledgers/*)
mv "$state/register-clinic" register-kept
fails 6 "register create" "no register" regesta participant list
works "a new one" regesta register create
fails 8 "passphrase|wrong" "a wrong passphrase" env REGESTA_PASSPHRASE=other regesta register import register.bin
works "takes it back" regesta register import register.bin --passphrase-file pass --json
grep -q '"added": 2' "$out" || die "two participants were in the register"
works "numbers resolve again" regesta history P-001 --participant --study rare-01

# ---- Evidence, in an empty environment
works "policy" regesta policy --output policy
works "checkpoint" regesta checkpoint --output checkpoint
works "trail" regesta prove trail P-001 --study rare-01 --output trail
works "state of an actor" regesta prove state actor clinic/admin --output actor.state
works "absence" regesta prove state actor clinic/nobody --output absent.state
works "state of an item" regesta prove state item "$first#1" --study rare-01 --output item.state
works "a receipt later" regesta receipt "$derived" --output late.receipt
for f in in.receipt late.receipt trail actor.state absent.state item.state checkpoint; do
	works "verify $f" env -i "$(command -v regesta)" verify "$f" --policy policy
done

# ---- Many files; interruption
count=10000 events=40
[ -z "${QUICK:-}" ] || { count=2600 events=11; }
mkdir many
(cd many && seq "$count" | awk '{f = "d" int($1 / 500); if (!(f in seen)) {system("mkdir " f); seen[f]} print "file " $1 > (f "/" $1); close(f "/" $1)}')
submissions() { regesta log --kind data.submit --json | grep -cE '"sequence":'; }
earlier=$(submissions)
before=$(date +%s)
interruptions=0
while :; do
	setsid -w regesta submit many --study rare-01 --json >"$out" 2>"$err" </dev/null &
	pid=$!
	if [ "$interruptions" -lt 3 ]; then
		sleep 0.7
		child=$(cat "/proc/$pid/task/$pid/children" 2>/dev/null)
		kill -INT "${child:-$pid}" 2>/dev/null
	fi
	code=0
	wait "$pid" || code=$?
	[ "$code" -ne 15 ] && break
	grep -q "same command again" "$err" || die "an interruption does not say how to go on"
	interruptions=$((interruptions + 1))
done
[ "$code" -eq 0 ] || die "$count files: exit code $code"
[ "$interruptions" -gt 0 ] || die "no interruption hit"
ok "$count files, interrupted $interruptions times with exit code 15, in $(($(date +%s) - before)) s"
took=$(($(submissions) - earlier))
[ "$took" -eq "$events" ] || die "$count files took $took events instead of $events"
ok "in $events events"
[ "$(regesta list items --json | grep -c '"item":')" -ge "$count" ] || die "not all files are recorded"
regesta list items --json | grep -oE 'baf[a-z2-7]{56}' | sort | uniq -d | grep . >/dev/null && die "something was recorded twice"
ok "nothing twice"
audit_clean "many files"

# ---- Copies
works "tiles" regesta tiles tiles
works "audit of tiles" env -i "$(command -v regesta)" audit --tiles tiles --policy policy --since checkpoint
find tiles/tile -type f -printf '%p %T@\n' | sort >tiles.before
quietly regesta submit n1 --study rare-01 --again
works "tiles again" regesta tiles tiles
find tiles/tile -type f -printf '%p %T@\n' | sort >tiles.after
[ -z "$(comm -23 tiles.before tiles.after)" ] || die "tiles were written again: $(comm -23 tiles.before tiles.after)"
ok "adds what is new, and leaves the others alone"
works "audit of more tiles" regesta audit --tiles tiles --policy policy --since checkpoint
works "public tiles" regesta tiles public --public
[ ! -e public/tile/entries ] || die "public tiles hold entries"
ok "hold no entries"
works "backup" regesta backup backup
works "audit of the backup" env -i "$(command -v regesta)" audit backup --policy policy --since checkpoint
find backup -name '*.pem' -o -name signed -o -name 'register*' | grep . >/dev/null && die "the backup holds what it must not"
ok "the backup holds no key, no register, and no record of what was signed"
works "a receipt from before, as --since" regesta audit backup --policy policy --since in.receipt

# ---- A rewritten history: the same keys, another course from some point on
cp -r "$REGESTA_LEDGER" fork
cp -r "$REGESTA_HOME" fork-home
regesta submit n1 --study rare-01 --again >"$out" 2>&1 || die "submission"
quietly regesta checkpoint --output newest.checkpoint
regesta submit in/a/-dash --study rare-01 --ledger fork --home fork-home >"$out" 2>"$err" </dev/null || die "the fork"
works "the fork alone looks clean" regesta audit fork --policy policy
fails 1 "deviation" "but not beside a checkpoint kept outside" regesta audit fork --policy policy --since newest.checkpoint

# ---- Restoration
size=$(regesta show ledger --json --ledger fork | grep -c .)
[ "$size" -gt 0 ] || die "fork"
quietly regesta tiles tiles
works "restore from tiles" regesta restore restored --tiles tiles
[ "$(regesta show ledger --json --ledger restored | grep '"size"')" = "$(regesta show ledger --json | grep '"size"')" ] || die "the restored size"
works "audit of what was restored" regesta audit restored --policy policy --since newest.checkpoint
rm "$REGESTA_HOME"/ledgers/*/signed
fails 8 "recover" "nothing is recorded until recovery" regesta submit n1 --study rare-01 --again --ledger restored
works "recover" regesta recover --last-checkpoint newest.checkpoint --no-passphrase --ledger restored
works "it goes on" regesta submit n1 --study rare-01 --again --ledger restored
cp -r "$REGESTA_LEDGER"/payload/. restored/payload
quietly regesta policy --ledger restored --output recovered.policy
works "audit after recovery" regesta audit restored --policy recovered.policy
