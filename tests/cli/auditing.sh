#!/usr/bin/env bash
# What an auditor, or a site years later, is told: files of evidence as people treat them, copies without checkpoints, keys made anew.
cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
new_ledger
echo "data 1" >data1
quietly regesta submit data1 --study rare-01 --receipt first.receipt --json
first=$(ids)

# ---- Files that are there already
works "a policy" regesta policy --output policy
works "the same once more" regesta policy --output policy
grep -q "exactly this already" "$err" || die "it is not said that the file holds this already"
ok "says so"
works "and in JSON" regesta policy --output policy --json
grep -q '"unchanged": true' "$out" || die "unchanged is not true"
echo mine >kept
for command in "policy" "checkpoint" "receipt $first" "prove state actor clinic/admin" "prove trail $(printf 'f%.0s' {1..64}) --study rare-01"; do
	read -ra words <<<"$command"
	fails 7 "already.*--force" "${words[0]} does not replace a file" regesta "${words[@]}" --output kept
	[ "$(cat kept)" = mine ] || die "$command replaced the file"
	works "${words[0]} --force does" regesta "${words[@]}" --output kept --force
	grep -q mine kept && die "$command --force left the file"
	echo mine >kept
done
fails 7 "already" "a folder is no file" regesta policy --output "$REGESTA_HOME"
mkfifo pipe
for force in "" --force; do
	timeout 20 cat pipe >piped &
	works "a pipe is written into $force" timeout 20 regesta policy --output pipe ${force:+"$force"}
	wait $!
	{ [ -p pipe ] && cmp -s piped policy; } || die "the pipe was replaced, or holds something else"
	ok "and stays a pipe"
done

# ---- JSON of evidence
for command in "policy" "checkpoint" "receipt $first" "prove state actor clinic/admin"; do
	read -ra words <<<"$command"
	quietly regesta "${words[@]}" --output plain --force
	works "$command --json" regesta "${words[@]}" --json
	"$helpers/json_check" <"$out" || die "$command --json is no JSON"
	python3 -c 'import json, sys
shown = json.load(open(sys.argv[1]))
assert sorted(shown) == ["text", "what"] and shown["text"] == open(sys.argv[2], encoding="utf-8", newline="").read()' "$out" plain ||
		die "$command --json does not hold the text"
	ok "holds the text"
done

# ---- Evidence that a program changed on its way
quietly regesta prove trail "$(printf 'f%.0s' {1..64})" --study rare-01 --output trail
quietly regesta checkpoint --output checkpoint
# told NAME PATTERN: what becomes of each kind of evidence in the file "changed" is refused with that sentence, whose command repairs it.
told() {
	local repair
	fails 3 "$2" "$file, $1" regesta verify changed --policy policy
	# shellcheck disable=SC2016 # the backticks are the sentence's
	repair=$(sed -nE 's/^[^`]*`([^`]*)`.*/\1/p' "$err")
	repair=${repair//FILE/changed}
	eval "${repair//REPAIRED/repaired}"
	cmp -s repaired "$file" || die "$file, $1: $repair does not repair it"
	ok "and the command that it names repairs it"
}
for file in first.receipt trail checkpoint; do
	sed 's/$/\r/' "$file" >changed
	told "lines of Windows" "line ends.*CR LF"
	sed 's/$/ /' "$file" >changed
	told "blanks behind the lines" "line ends.*blanks"
	sed '3s/$/\t/' "$file" >changed
	told "a tab behind a line" "line ends.*blanks"
	{ cat "$file" && echo && echo; } >changed
	told "empty lines at the end" "line ends.*empty lines"
	printf %s "$(cat "$file")" >changed
	told "no end of the last line" "last line"
	{ printf '\xef\xbb\xbf' && cat "$file"; } >changed
	told "a byte order mark" "byte order mark"
	iconv -f UTF-8 -t UTF-16 "$file" >changed
	told "UTF-16" "UTF-16"
done
fails 3 "no receipt" "what is no evidence is no evidence" regesta verify data1 --policy policy
printf 'a\r\nb\r\n' >lines
fails 3 "no receipt" "whatever its lines end in" regesta verify lines --policy policy
sed -E 's/^extra .{40}/&A/' first.receipt >changed
fails 3 "changed after it was written.*get it again" "an event of which a byte is too much" regesta verify changed --policy policy
python3 -c 'import base64, re
text = open("first.receipt").read()
extra = bytearray(base64.b64decode(re.search("^extra (.*)$", text, re.M)[1]))
extra[11] ^= 1
open("changed", "w").write(re.sub("(?m)^extra .*$", "extra " + base64.b64encode(extra).decode(), text))'
fails 1 "changed after it was written.*get it again" "another time" regesta verify changed --policy policy
sed -E '/^— clinic/s/.{12}$/AAAAAAAAAAA=/' first.receipt >changed
fails 1 "not what the ledger's node signed" "another signature" regesta verify changed --policy policy

# ---- Records of more than 64 facts
for i in $(seq 63); do
	quietly regesta study amend rare-01 --protocol "2.$i"
done
works "64 facts" regesta prove state study rare-01 --output full.state
works "verify" regesta verify full.state --policy policy
# shellcheck disable=SC2016
grep -q 'may go on in chunk 1.*`regesta prove state study rare-01 --chunk 1`' "$out" || die "it is not said that the record may go on"
ok "says that the record may go on, and how to prove that it does not"
works "and in JSON" regesta verify full.state --policy policy --json
grep -q '"may_go_on": true' "$out" || die "may_go_on is not true"
quietly regesta prove state study rare-01 --output study.state --force
works "what a record says" regesta verify study.state --policy policy
grep -q "entry #.*study.register (.*), happened" "$out" || die "the fact is not there"
grep -q "^ *sponsor: clinic" "$out" || die "the members of the body have no names"
works "what it says, in JSON" regesta verify study.state --policy policy --json
"$helpers/json_check" <"$out" || die "verify --json is no JSON"
grep -q '"sponsor": "clinic"' "$out" || die "contents"
quietly regesta prove state actor clinic/admin --output actor.state --force
works "a record whose content is no body" regesta verify actor.state --policy policy
grep -q "entry #0 .*genesis" "$out" || die "genesis is not named"
works "the next chunk" regesta prove state study rare-01 --chunk 1 --output next.state
works "verifies" regesta verify next.state --policy policy
grep -q "no further part" "$out" || die "it is not said that the record ends"
ok "as the proof that the record ends"
quietly regesta study amend rare-01 --protocol 3.0
quietly regesta prove state study rare-01 --chunk 1 --output next.state --force
works "one fact more is in the next chunk" regesta verify next.state --policy policy
grep -q "proof that a record is there" "$out" || die "the next chunk is not there"
grep -q "may go on" "$out" && die "a chunk of one fact does not go on"
for chunk in -1 x 9223372036854775808 ""; do
	fails 2 "chunk is (a number|empty)" "--chunk=$chunk" regesta prove state study rare-01 "--chunk=$chunk"
done

# ---- What is audited
fails 6 "there is no folder nowhere" "a folder that is not there" regesta audit nowhere
fails 6 "there is no folder nowhere" "nor its tiles" regesta audit --tiles nowhere
fails 2 "regesta verify" "a file in the place of a folder" regesta audit first.receipt
mkdir empty
fails 6 "holds no ledger" "a folder without a ledger" regesta audit empty
fails 6 "holds no tiles" "or without tiles" regesta audit --tiles empty
quietly regesta tiles tiles
fails 6 "audit them with --tiles" "tiles in the place of a ledger" regesta audit tiles
fails 6 "leave --tiles out" "a ledger in the place of tiles" regesta audit --tiles "$REGESTA_LEDGER"
quietly regesta init other --organisation clinic --country DE --no-passphrase --home other-home
quietly regesta policy --ledger other --home other-home --output other.policy
quietly regesta checkpoint --ledger other --home other-home --output other.checkpoint
for what in "$REGESTA_LEDGER" "--tiles tiles"; do
	read -ra words <<<"$what"
	fails 1 "policy is for the ledger .*and this is the ledger" "another ledger's policy, ${words[0]##*/}" regesta audit "${words[@]}" --policy other.policy
	[ ! -s "$out" ] || die "it is said once"
	ok "says it once, and audits nothing"
done
# A policy of this ledger's name with a stranger's keys: one deviation, not one a checkpoint.
python3 -c 'import base64, hashlib, re
text = open("policy").read()
other = open("other.policy").read()
name = re.search("(?m)^log ([^+]+)", text)[1]
key = base64.b64decode(re.search(r"(?m)^log [^+]+\+[0-9a-f]{8}\+(\S+)", other)[1])
kid = hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8]
line = "log %s+%s+%s" % (name, kid, base64.b64encode(key).decode())
open("stranger.policy", "w").write(line + "\nquorum none\n")'
fails 1 "audit: 1 deviation$" "keys that are not this ledger's" regesta audit --policy stranger.policy
grep -q "DEVIATION.*keys that genesis names, and not with those" "$out" || die "it is not said whose keys they are"

# ---- Folders that come from others
quietly regesta backup copy
echo precious >precious
ln -s "$place/precious" copy/lock.mdb
fails 11 "lock.mdb is a link" "a link in the place of the lock file" regesta audit copy
[ "$(cat precious)" = precious ] || die "the file that it leads to was written over"
rm copy/lock.mdb
for file in copy/data.mdb copy/genesis.sig tiles/checkpoint "$(find tiles/tile/entries -type f | head -n 1)"; do
	mv "$file" aside
	mkfifo "$file"
	what=()
	[ "${file%%/*}" = copy ] || what=(--tiles)
	code=0
	timeout 20 regesta audit "${what[@]}" "${file%%/*}" >"$out" 2>"$err" || code=$?
	[[ $code =~ ^(1|9|11)$ ]] || die "a pipe in the place of $file: exit code $code"
	rm "$file"
	mv aside "$file"
	ok "a pipe in the place of ${file##*/} is not waited at (exit $code)"
done

# ---- How far checkpoints reach
covered() { sed -nE 's/^ *"covered": ([0-9]+).*/\1/p' "$out"; }
works "audit" regesta audit --json
"$helpers/json_check" <"$out" || die "audit --json is no JSON"
[ "$(covered)" = "$(entries)" ] || die "the newest checkpoint covers everything"
ok "everything is covered"
works "audit of tiles" regesta audit --tiles tiles --json
[ "$(covered)" = "$(sed -n 2p tiles/checkpoint)" ] || die "the tiles' checkpoint covers them"
mkdir others && echo mine >others/notes
refused 7 "holds other files .notes. and no tiles" "tiles into a folder of other files" regesta tiles others
[ "$(ls others)" = notes ] || die "something was written into it"
mkdir vacant
works "tiles into an empty folder" regesta tiles vacant
works "and into it again" regesta tiles vacant
quietly regesta tiles hashes --public
works "an audit of public tiles" regesta audit --tiles hashes --policy policy --since checkpoint
grep -q "^CLEAN" "$out" || die "they are clean"
grep -q "WARNING.*entries are not in this folder and were not looked at" "$out" || die "it is not said that entries are not there"
grep -q "signatures  [1-9]" "$out" || die "no signature was verified"
ok "says that no entry was looked at"
works "and in JSON" regesta audit --tiles hashes --policy policy --since checkpoint --json
"$helpers/json_check" <"$out" || die "audit --json is no JSON"
grep -q '"entries_there": false' "$out" || die "entries_there"
[ "$(covered)" = "$(sed -n 2p hashes/checkpoint)" ] || die "the public tiles' checkpoint covers them"
works "without a policy" regesta audit --tiles hashes
grep -q "WARNING.*who signed the checkpoint was not verified" "$out" || die "it is not said that nobody was asked for"
ok "says that the signer is not known"
fails 1 "policy is for the ledger" "public tiles with another ledger's policy" regesta audit --tiles hashes --policy other.policy
fails 1 "1 deviation" "public tiles beside another ledger's checkpoint" regesta audit --tiles hashes --policy policy --since other.checkpoint
cp -r hashes forged
tile=$(find forged/tile/0 -type f | head -n 1)
printf 'changed!' | dd of="$tile" bs=1 seek=40 conv=notrunc status=none
fails 1 "deviation" "public tiles that were changed" regesta audit --tiles forged --policy policy
rm -r forged
quietly regesta restore restored --tiles tiles
works "a restored ledger" regesta audit restored --policy policy
grep -q "^CLEAN" "$out" || die "it is clean"
! grep -q "WARNING.*checkpoint" "$out" || die "the tiles' checkpoint went with it"
ok "is covered by the checkpoint of its tiles"
cp -r restored uncovered
"$helpers/submissions" unsigned "$place/uncovered" || die "the helper"
works "a ledger without checkpoints" regesta audit uncovered --policy policy
grep -q "^CLEAN" "$out" || die "it is clean"
grep -q "WARNING.*no checkpoint that verifies covers this ledger" "$out" || die "no warning"
ok "is clean, with a warning"
works "beside one kept from earlier" regesta audit uncovered --policy policy --since checkpoint --json
[ "$(covered)" = "$(sed -n 2p checkpoint)" ] || die "the kept checkpoint covers what it covers"
grep -q "covers the first" "$out" || die "it is not said how many are covered"
ok "it is covered that far"

# ---- The checkpoint kept from earlier
grep -q '"kept_by": "policy"' "$out" || die "it is signed with the policy's keys"
ok "it is signed with the policy's keys"
works "without a policy" regesta audit --since checkpoint --json
grep -q '"kept_by": "genesis"' "$out" || die "it is signed with the keys of genesis"
for file in data1 policy trail; do
	fails 3 "no checkpoint and no receipt" "--since $file" regesta audit --since "$file"
done
sed 's/$/\r/' checkpoint >changed
fails 3 "CR LF" "--since with the line ends of Windows" regesta audit --since changed
fails 6 "such file" "--since that is not there" regesta audit --since nowhere
sed -E "2s/.*/1/" checkpoint >changed
fails 1 "1 deviation" "--since that was changed" regesta audit --policy policy --since changed
grep -q "is not what the node signed" "$out" || die "it is not said that it was changed"
grep -q "rewritten: \|history was rewritten$" "$out" && die "nobody is accused"
ok "accuses nobody"
sed -E 's/^(— \S+) .*/\1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/' checkpoint >unsigned
works "--since that nobody signed whom one knows" regesta audit --policy policy --since unsigned
grep -q "WARNING.*signature of the checkpoint that you kept could not be verified" "$out" || die "no warning"
ok "says so"
fails 1 "1 deviation" "--since of another ledger" regesta audit --policy policy --since other.checkpoint
grep -q "of another ledger" "$out" || die "it is not said that it is of another ledger"

# ---- Keys made anew: in a restored ledger
fails 7 "whole in .*--home of its own.*--yes" "recovery of a copy beside keys that are in use" regesta recover --no-passphrase --ledger restored
rm "$REGESTA_HOME"/ledgers/*/signed
cp -r "$REGESTA_HOME" home-before
quietly regesta recover --last-checkpoint checkpoint --no-passphrase --ledger restored
quietly regesta policy --ledger restored --output new.policy
works "audit after recovery" regesta audit restored --since checkpoint
grep -q "WARNING.*made anew after a loss (governance.recover, entry #[0-9]*).*--policy" "$out" || die "it is not said where the keys are from"
grep -q "genesis itself" "$out" && die "the keys are not from genesis"
ok "says where the keys are from"
works "with the policy since then" regesta audit restored --policy new.policy --since checkpoint
grep -q "WARNING.*signed with the keys that genesis names" "$out" || die "it is not said who signed what was kept"
fails 1 "1 deviation" "with the policy from before" regesta audit restored --policy policy
grep -q "DEVIATION.*made anew after a loss.*--policy FILE must name" "$out" || die "it is not said that the keys were made anew"
ok "says which policy it takes"
quietly regesta tiles new.tiles --ledger restored
works "tiles since then, with their policy" regesta audit --tiles new.tiles --policy new.policy
fails 1 "1 deviation" "and without one" regesta audit --tiles new.tiles
grep -q "tiles do not hold the new ones: give --policy FILE" "$out" || die "it is not said why a policy is needed"
ok "say in one sentence why it is needed"
fails 1 "give --policy FILE.*nothing was restored" "nor are they restored" regesta restore again --tiles new.tiles
works "except with the policy" regesta restore again --tiles new.tiles --policy new.policy

# ---- Keys made anew in place: what the old ones signed before remains good
export REGESTA_HOME=$place/home-before
quietly regesta recover --no-passphrase
quietly regesta policy --output new.policy --force
works "audit after recovery in place" regesta audit
works "with the policy since then" regesta audit --policy new.policy --since checkpoint --json
[ "$(covered)" = "$(entries)" ] || die "the newest checkpoint covers everything"
ok "everything is covered"
