# Sourced by the stories of this folder, from the project's root. A story tells what happens (scene), does it with the command as anybody
# would (does, declined), and asserts what the ledger then says (shows, hides, equal) and what an outsider can check (outsider, outsider_audits).
# With REGESTA_NARRATE every command is printed with its result; without, a line "ok …" for each assertion that holds.
# shellcheck shell=bash
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
if [ -n "${REGESTA_NARRATE:-}" ]; then
	ok() { printf '    + %s\n' "$*"; }
fi
story() { [ -z "${REGESTA_NARRATE:-}" ] || printf '\n\n==== %s ====\n' "$*"; }
scene() { [ -z "${REGESTA_NARRATE:-}" ] || { echo && fold -s -w 110 <<<"$*"; }; }
# The command as one would type it, and what it printed.
narrate() {
	[ -n "${REGESTA_NARRATE:-}" ] || return 0
	local word line='    $'
	for word; do
		case $word in *[!A-Za-z0-9_./:=,+@#-]* | "") word="'$word'" ;; esac
		line+=" $word"
	done
	echo "${line//$place\//}"
	{ cat "$out" && grep -av '^$' "$err"; } | head -n 40 | sed "s|$place/||g; s/^/      /"
}
# does NAME COMMAND...: the command succeeds. Its output is in $out.
does() {
	local name=$1 code=0
	shift
	"$@" >"$out" 2>"$err" </dev/null || code=$?
	[ "$code" -eq 0 ] || die "$name: exit code $code: $*"
	narrate "$@"
	ok "$name"
}
# declined CODE PATTERN NAME COMMAND...: the command ends with that code, in one sentence in which the pattern is found.
declined() {
	local wanted=$1 pattern=$2 name=$3 code=0
	shift 3
	"$@" >"$out" 2>"$err" </dev/null || code=$?
	[ "$code" -eq "$wanted" ] || die "$name: exit code $code instead of $wanted: $*"
	grep -aqE -- "$pattern" "$err" "$out" || die "$name: the answer lacks /$pattern/: $*"
	narrate "$@"
	ok "$name"
}
# What the last command printed, wherever its lines are broken.
said() { tr -s ' \n' ' ' <"$out"; }
shows() { # PATTERN NAME
	grep -aqE -- "$1" <<<"$(said)" || die "$2: the output lacks /$1/"
	ok "$2"
}
hides() { # PATTERN NAME
	! grep -aqE -- "$1" <<<"$(said)" || die "$2: the output has /$1/"
	ok "$2"
}
equal() { # WANTED GOT NAME
	[ "$1" = "$2" ] || die "$3: \"$2\" instead of \"$1\""
	ok "$3"
}
# answers WANTED NAME ARGUMENT...: of `consent show`, asked one question: permitted, denied or silent.
answers() {
	local wanted=$1 name=$2 got
	shift 2
	does "$name" regesta consent show "$@"
	got=$(regesta consent show "$@" --json | sed -nE 's/^.*"answer": "([a-z]+)".*/\1/p' | xargs)
	equal "$wanted" "$got" "the answer: $wanted"
}
# The id of the event that was recorded last, and its flags, each with a comma before and behind.
last_id() { regesta log --limit 1 --json | sed -nE 's/^ {6}"id": "([0-9a-f]{64})".*/\1/p'; }
flags_of() { regesta show "$1" --json | tr -d ' \n' | sed -nE 's/.*"flags":\[([^]]*)\].*/,\1,/p' | tr -d '"'; }
# flagged "FLAG FLAG" ID NAME: exactly these flags, in any order; "" for none.
flagged() {
	local wanted got
	wanted=$(tr ' ' '\n' <<<"$1" | sort | xargs)
	got=$(flags_of "$2" | tr ',' '\n' | sort | xargs)
	[ "$wanted" = "$got" ] || die "$3: flags \"$got\" instead of \"$wanted\""
	ok "$3"
}

# ---- Organisations and people
ledger_id() { regesta show ledger --json | sed -nE 's/^ *"ledger": "([0-9a-f]{64})".*/\1/p'; }
organisations=(clinic)
# admit CODE COUNTRY [ROLE,...]: an organisation joins by proposal and by the votes of those who are there. Its administrator is CODE/admin.
admit() {
	local proposal voter
	quietly regesta key new "$1/admin" --roles "${3:-administrator}" --request "$1-admin.request" --no-passphrase --ledger-id "$(ledger_id)" --quiet
	quietly regesta organisation request "$1-admin.request" --organisation "$1" --title "$1" --country "$2" --request "$1.request" --no-passphrase
	quietly regesta governance propose "$1.request" --as clinic/admin --json
	proposal=$(ids)
	for voter in "${organisations[@]}"; do quietly regesta governance vote "$proposal" --approve --as "$voter/admin"; done
	quietly regesta organisation admit "$proposal" --as clinic/admin
	organisations+=("$1")
}
# engage ORGANISATION/CODE ROLE [STUDY SITE [FROM]]: somebody gets a key, is enrolled, and works in the study.
engage() {
	local file=${1//\//-}.request
	quietly regesta key new "$1" --roles "$2" --request "$file" --no-passphrase --quiet
	quietly regesta actor enrol "$file" --as "${1%%/*}/admin"
	[ -z "${3:-}" ] || quietly regesta actor assign "$1" --study "$3" --site "$4" --role "$2" --from "${5:-2026-01-01}" --as "${6:-clinic/admin}"
}
# trusted ORGANISATION/CODE: may open the register of participants of the organisation.
trusted() { quietly regesta register grant "$1" --as "${1%%/*}/admin"; }
begin_ledger() { quietly regesta init "$REGESTA_LEDGER" --organisation clinic --country DE --quiet --no-passphrase; }

# ---- Who stands outside: the policy file, the evidence, an empty home, and nothing else
alone() {
	local where=$place/outside
	rm -rf "$where"
	mkdir -p "$where/home"
	cp -r "$@" "$where"
	(cd "$where" && env -i HOME="$where/home" PATH=/usr/bin:/bin "$(command -v regesta)" "${outside[@]}") >"$out" 2>"$err" </dev/null
}
# outsider NAME FILE: what an outsider holds verifies there; with one byte changed it does not.
outsider() {
	local name=$1 file=$2 outside at
	[ -s ledger.policy ] || quietly regesta policy --output ledger.policy
	outside=(verify "$(basename "$file")" --policy ledger.policy)
	cp "$file" "$place/.forged"
	at=$(($(stat -c %s "$file") / 2))
	printf '%b' "\\x$(printf %02x $((($(od -An -tu1 -j "$at" -N 1 "$file") + 1) % 256)))" |
		dd of="$place/.forged" bs=1 seek="$at" conv=notrunc status=none
	mkdir -p "$place/.forging" && cp "$place/.forged" "$place/.forging/$(basename "$file")"
	! alone ledger.policy "$place/.forging/$(basename "$file")" || die "$name: a forgery verifies"
	alone ledger.policy "$file" || die "$name: does not verify outside: $file"
	narrate regesta "${outside[@]}"
	ok "$name; a forgery of it does not verify"
}
# outsider_audits NAME: the whole ledger as tiles, recomputed by somebody who has neither keys nor payloads.
outsider_audits() {
	local outside
	quietly regesta policy --output audit.policy --force
	rm -rf audit.tiles
	quietly regesta tiles audit.tiles
	outside=(audit --tiles audit.tiles --policy audit.policy)
	alone audit.tiles audit.policy || die "$1: the audit outside is not clean"
	narrate regesta "${outside[@]}"
	ok "$1"
}
# unseen NAME WORD...: none of these words is anywhere in the ledger's folder, nor in what an outsider gets: tiles, policy, receipts, trails. Ciphertext and digests hold any short word sooner or later, so words have five letters.
unseen() {
	local name=$1 word place outside=("$REGESTA_LEDGER")
	shift
	for place in audit.tiles ./*.policy ./*.receipt ./*.trail; do
		[ ! -e "$place" ] || outside+=("$place")
	done
	for word; do
		[ ${#word} -ge 5 ] || die "$name: \"$word\" is too short to be looked for in random bytes"
		! grep -raqF -- "$word" "${outside[@]}" || die "$name: \"$word\" is in $(grep -ralF -- "$word" "${outside[@]}" | head -n 1)"
	done
	ok "$name"
}
