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
	fails 2 "chunk is a number" "--chunk=$chunk" regesta prove state study rare-01 "--chunk=$chunk"
done
