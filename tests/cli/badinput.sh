#!/usr/bin/env bash
# Bad input: one sentence, the documented exit code, nothing recorded.
#   REGESTA_SLOW=1 or TORTURE=1: also a file of 5 GiB
cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh

# ---- Events that the command line cannot make: keys, slots, signatures, bytes
(cd / && "$helpers/submissions") >"$out" 2>"$err" || die "submissions"
grep '^ok ' "$out"

new_ledger
quietly regesta participant enrol --study rare-01 --site s1 P-001
echo data >f
submit=(regesta submit --study rare-01)

# ---- The command line
fails 2 "there is no command \"sumbit\"; did you mean \"submit\"" "a command misspelt" regesta sumbit f
refused 2 "did you mean --participant" "an option misspelt" "${submit[@]}" f --particpant P-001
refused 2 "unknown option -x" "a short option" "${submit[@]}" f -x
refused 2 "wants a value" "an option without its value" regesta submit f --study
refused 2 "given twice" "an option twice" "${submit[@]}" f --study rare-01
refused 2 "takes no value" "a flag with a value" "${submit[@]}" f --dry-run=yes
refused 2 "study is missing" "no study" regesta submit f
refused 2 "is not UTF-8" "an argument that is not UTF-8" "${submit[@]}" f --category $'\xff'
refused 2 "nothing to submit" "no file" "${submit[@]}"
refused 2 "too much" "an argument too much" regesta policy a b
refused 2 "did you mean .genomic" "a code misspelt" "${submit[@]}" f --category genomc
refused 2 "did you mean .delegated" "a capacity misspelt" "${submit[@]}" f --capacity delegatd
refused 6 "no study \"nope\"" "an unknown study" regesta submit f --study nope
refused 6 "not in the register" "an unknown participant" "${submit[@]}" f --participant P-002
refused 6 "there is no ledger" "no ledger" regesta submit f --study rare-01 --ledger "$place/nowhere"
refused 2 "names nothing" "an id that is none" regesta show 12
refused 6 "no event begins" "an unknown id" regesta show 0123456789abcdef
refused 6 "there is no #" "an entry that is not there" regesta show "#999"
refused 2 "not an actor" "an actor's name that is none" "${submit[@]}" f --as someone
refused 9 "[Dd]irectory|not a file" "a folder for a text" "${submit[@]}" f --reason-text "$place" --reason other
regesta submit f --stud rare-01 --json >"$out" 2>"$err" && die "--stud"
grep -qE '^\{"error": \{"code": "USAGE", "command": "submit", "exit": 2, "message": ".*"\}\}$' "$err" || die "with --json an error is JSON"
regesta show 0123456789abcdef --json >"$out" 2>"$err" && die "unknown id"
grep -qE '"code": "NOT_FOUND".*"exit": 6' "$err" || die "with --json an error is JSON"
ok "with --json errors are JSON"

# ---- Times
bad_time() { refused "${3:-2}" "$2" "time $1" "${submit[@]}" f --when "$1"; }
bad_time 2026-02-31 "day|date"
bad_time 2026-02-29 "day|date"
bad_time 2026-13 "month|date"
bad_time 2026-00-10 "month|date"
bad_time 0000-01-01 "before 1970" 4
bad_time 2026-03-01T09:30 "offset|zone|time"
bad_time 2026-03-01T24:30Z "time|hour"
bad_time 2026-03-01T09:61+01:00 "time|minute"
bad_time 2026-03-01T09:30+25:00 "offset"
bad_time 01.03.2026 "time|date"
bad_time yesterday "time|date"
bad_time "" "when is empty"
bad_time 9999-12-31 "future"
refused 2 "collected" "--collected 2026-02-31" "${submit[@]}" f --collected 2026-02-31
works "a day, a month and a moment with its zone are good" regesta submit f --study rare-01 --when 2024-02-29 --collected 2026-02

# ---- Files
refused 6 "No such file" "a file that is not there" "${submit[@]}" absent
mkdir twice && echo 1 >twice/a
refused 3 "same file" "the same file twice" "${submit[@]}" twice/a twice/a
refused 3 "same file" "a file and its folder" "${submit[@]}" twice twice/a
refused 3 "same file" "the same file by another path" "${submit[@]}" twice/a ./twice/../twice/a
ln twice/a twice/b
refused 3 "same file" "two hard links of one file" "${submit[@]}" twice
mkdir loop && ln -s ../loop loop/again
refused 3 "loop" "a folder that leads back to itself" "${submit[@]}" loop
mkdir link && ln -s self link/self
refused 3 "symbolic link" "a link to itself" "${submit[@]}" link
rm link/self && ln -s absent link/dangling
refused 3 "symbolic link" "a link to nowhere" "${submit[@]}" link
mkdir latin && echo 1 >"latin/$(printf 'M\374ller')"
refused 3 "not UTF-8" "a name that is not UTF-8" "${submit[@]}" latin
mkdir fifo && mkfifo fifo/pipe
refused 3 "neither a file nor a folder" "a pipe in a folder" "${submit[@]}" fifo
refused 2 "no name" "standard input without a name" "${submit[@]}" -
if [ "$(id -u)" -ne 0 ]; then
	echo 1 >locked && chmod 000 locked
	refused 9 "Permission denied" "a file that may not be read" "${submit[@]}" locked
elif su -s /bin/sh nobody -c true 2>/dev/null && chmod 755 "$place" && su -s /bin/sh nobody -c "test -x '$build/bin/regesta'"; then
	echo 1 >locked && chmod 600 locked
	# As another user, with a home of its own: reading the file is what is tried first.
	fails 9 "Permission denied" "a file that may not be read" su -s /bin/sh nobody -c \
		"REGESTA_HOME=/nonexistent '$build/bin/regesta' record '$place/locked' --ledger '$REGESTA_LEDGER'"
else
	echo "skipped a file that may not be read: root reads everything, and there is no other user to try as"
fi
: >empty
works "an empty file is good" "${submit[@]}" empty --json
quietly regesta open "$(ids)" --output empty.back
cmp -s empty empty.back || die "an empty file comes back empty"
ok "and comes back empty"

# A file that grows while it is read: at some moment between listing and the end of reading, so that it takes tries.
head -c 30000000 /dev/zero >growing
(while echo more >>growing; do :; done) 2>/dev/null &
writer=$!
refused 3 "changed|grew|longer|shorter" "a file that changes while it is read" "${submit[@]}" growing
kill "$writer"
wait "$writer" 2>/dev/null
works "and is good when nobody writes to it" "${submit[@]}" growing
rm growing

# ---- Lists
bad_csv() { # PATTERN NAME TEXT [CODE]
	printf '%b' "$3" >list.csv
	refused "${4:-3}" "$1" "CSV: $2" regesta submit --manifest list.csv --study rare-01
}
bad_csv "no column \"name\"" "an unknown column" 'file,name\nf,x\n'
bad_csv "there is no column \"file\"" "no column file" 'participant,category\nP-001,clinical\n'
bad_csv "two columns" "a column twice" 'file,file\nf,f\n'
bad_csv "no rows" "no rows" 'file\n'
bad_csv "no rows|there is no column" "an empty list" ''
bad_csv "line 2: more cells" "more cells than columns" 'file\nf,x\n'
bad_csv "line 3: fewer cells" "fewer cells than columns" 'file,category\nf,clinical\nf\n'
bad_csv "line 2: the cell \"file\" is empty" "an empty file name" 'file,category\n,clinical\n'
bad_csv "quote" "a quote that does not end" 'file\n"f\n'
bad_csv "quote" "a quote inside a cell" 'file\nf"x\n'
bad_csv "not UTF-8" "bytes that are not UTF-8" 'file\n\0377\n'
bad_csv "No such file" "a file that is not there" 'file\nabsent\n' 6
bad_csv "not a file" "a folder" 'file\ntwice\n'
bad_csv "same file" "the same file twice" 'file\nf\nf\n'
bad_csv "did you mean|category" "an unknown category" 'file,category\nf,clinicl\n' 2
bad_csv "collected" "a bad date" 'file,collected\nf,2026-02-31\n' 2
bad_csv "not in the register" "an unknown participant" 'file,participant\nf,P-009\n' 6
grep -q P-009 "$err" && die "an error repeats a participant number"
ok "no error repeats a participant number"
refused 6 "No such file" "CSV: no list" regesta submit --manifest absent.csv --study rare-01

# ---- Documents
cid=bafkreibwvht7dsk3ql73tf2d4dc4jtuv3a6juqykvrm7qtxtzp5lmfcqna
kc=5f1d7a84db00d2fce00b31a7fc73224f1b1c1ac2ca9ed2d1b0bd52fe4bfb9c0d
item='{"cid": "'$cid'", "commitment": "'$kc'", "length": 4096, "category": "clinical"}'
bad_json() { # PATTERN NAME TEXT [CODE]
	printf '%b' "$3" >event.json
	refused "${4:-3}" "$1" "JSON: $2" regesta record event.json
}
document() { printf '{"kind": "data.submit", "study": "rare-01", "when": "2026-03-01", "body": {"items": [%s]}%s}' "$1" "${2:-}"; }
bad_json "line 1" "no JSON" 'kind: data.submit'
bad_json "line 1|ends|end of file" "cut off" '{"kind": '
bad_json "[Dd]uplicate|twice" "a member twice" '{"kind": "data.submit", "kind": "data.submit"}'
bad_json "kind" "no kind" '{}'
bad_json "kind.*did you mean" "an unknown kind" '{"kind": "data.submitt", "when": "2026-03-01"}'
bad_json "study" "no study" "{\"kind\": \"data.submit\", \"when\": \"2026-03-01\", \"body\": {\"items\": [$item]}}"
bad_json "study" "a study where none belongs" '{"kind": "study.register", "study": "rare-01", "when": "2026-03-01", "body": {}}'
bad_json "when" "no time" "{\"kind\": \"data.submit\", \"study\": \"rare-01\", \"body\": {\"items\": [$item]}}"
bad_json "when" "31 February" "$(document "$item" | sed 's/2026-03-01/2026-02-31/')"
bad_json "capacity" "an unknown capacity" "$(document "$item" ', "capacity": {"code": "ow"}')"
bad_json "meaning" "a meaning of the wrong type" "$(document "$item" ', "meaning": 1')"
bad_json "unknown member \"whn\"" "an unknown member" "$(document "$item" ', "whn": 1')"
bad_json "body.items" "no items" "$(document '')"
bad_json "body.items\[0\].*participants.*did you mean" "an unknown member inside" "$(document "${item%\}}, \"participants\": \"x\"}")"
bad_json "body.items\[0\].cid" "a CID that is none" "$(document "${item/$cid/bafkqqq}")"
bad_json "body.items\[0\].commitment" "a commitment too short" "$(document "${item/$kc/5f1d}")"
bad_json "body.items\[0\].length" "a negative length" "$(document "${item/4096/-1}")"
bad_json "body.items\[0\].length" "a fraction" "$(document "${item/4096/1.5}")"
bad_json "body.items\[0\].category.*did you mean" "a category misspelt" "$(document "${item/clinical/clinicl}")"
bad_json "null|body" "null" "$(document "$item" ', "refs": null')"
bad_json "reason" "a retraction without its reason" "{\"kind\": \"data.retract\", \"study\": \"rare-01\", \"when\": \"2026-03-01\", \"body\": {\"targets\": [\"$kc#0\"]}}"
head -c 1100000 /dev/zero | tr '\0' ' ' >event.json
refused 4 "over|at most|larger|1 ?MiB|bytes" "JSON: over a MiB" regesta record event.json
items=$item
for i in $(seq 256); do items="$items, ${item/4096/$((4096 + i))}"; done
bad_json "body.items" "257 items" "$(document "$items")" 4

# ---- Keys
cp -r "$REGESTA_HOME" home2
chmod 644 home2/keys/*.pem
refused 8 "others may read|permission|mode" "a key file that others may read" "${submit[@]}" f --home home2
chmod 600 home2/keys/*.pem
echo rubbish >"home2/keys/clinic~admin.pem"
refused 3 "." "a key file that is none" "${submit[@]}" f --home home2
rm "home2/keys/clinic~admin.pem"
refused 8 "." "no key file" "${submit[@]}" f --home home2
refused 8 "who are you" "no key of this ledger's" "${submit[@]}" f --home home3
echo "first words" >pass1 && echo "other words" >pass2
fails 8 "empty passphrase" "an empty passphrase" regesta key new clinic/x --roles monitor --request x.request --passphrase-file empty
quietly regesta key new clinic/x --roles monitor --request x.request --passphrase-file pass1
quietly regesta actor enrol x.request
refused 8 "passphrase" "a wrong passphrase" "${submit[@]}" f --as clinic/x --passphrase-file pass2
refused 8 "passphrase" "no passphrase" setsid "${submit[@]}" f --as clinic/x
fails 7 "." "a key is never replaced" regesta key new clinic/x --roles monitor --request x.request --passphrase-file pass1
fails 2 "did you mean \"monitor\"" "a role misspelt" regesta key new clinic/y --roles montor --request y.request --no-passphrase
sed 's/.$/A/' x.request >damaged.request
refused 3 "." "a damaged request" regesta actor enrol damaged.request
refused 3 "not an enrolment request" "a request that is none" regesta actor enrol f
regesta init other --organisation clinic --country DE --no-passphrase --home otherhome --quiet >/dev/null 2>&1 || die "another ledger"
fails 7 "not empty" "a ledger where one is" regesta init other --organisation clinic --country DE --no-passphrase --home otherhome
refused 8 "." "the keys of another ledger" "${submit[@]}" f --home otherhome
quietly regesta key new clinic/y --roles monitor --request other.request --no-passphrase --ledger other
refused 1 "another ledger" "a request for another ledger" regesta actor enrol other.request

# ---- Evidence
quietly regesta policy --output policy
quietly regesta policy --output other.policy --ledger other
quietly "${submit[@]}" f --receipt receipt
fails 3 "." "evidence that is none" regesta verify f --policy policy
works "a receipt" regesta verify receipt --policy policy
fails 1 "." "a receipt of another ledger" regesta verify receipt --policy other.policy
sed 's/^index .*/index 1/' receipt >wrong.receipt
fails 1 "." "a receipt with another index" regesta verify wrong.receipt --policy policy
fails 3 "." "a policy that is none" regesta verify receipt --policy f

# ---- A ledger of a newer version
audit_clean "all this"
cp -r "$REGESTA_LEDGER" newer
"$helpers/submissions" newer "$place/newer" || die "the helper"
for command in "show ledger" "log" "audit" "submit f --study rare-01"; do
	read -ra words <<<"$command"
	fails 12 "newer version" "a ledger of a newer version: $command" regesta "${words[@]}" --ledger newer
done

# ---- A file of 5 GiB
if [ -z "${REGESTA_SLOW:-}${TORTURE:-}" ]; then
	echo "skipped a file of 5 GiB: it takes a minute; set REGESTA_SLOW=1"
elif [ "$(df -k --output=avail "$place" | tail -n 1)" -lt $((6 * 1024 * 1024)) ]; then
	echo "skipped a file of 5 GiB: no room for its ciphertext in $place"
else
	truncate -s 5G large
	"${submit[@]}" large --json >"$out" 2>"$err" &
	pid=$!
	peak=0
	while now=$(sed -nE 's/^VmHWM:[^0-9]*([0-9]+) kB/\1/p' "/proc/$pid/status" 2>/dev/null) && [ -n "$now" ]; do
		peak=$now
		sleep 0.2
	done
	wait "$pid" || die "a file of 5 GiB"
	{ [ "$peak" -gt 0 ] && [ "$peak" -lt 131072 ]; } || die "a file of 5 GiB took $peak kB of memory"
	ok "a file of 5 GiB, in $peak kB of memory"
fi
