#!/usr/bin/env bash
# Asking: what a denial is about, the state of an item, look-ups and their exit codes, names from outside, help and completion.
cd "$(dirname "$0")/../.." || exit
project=$PWD
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
new_ledger
member() { # CODE ROLES: an actor of the clinic, enrolled
	quietly regesta key new "clinic/$1" --roles "$2" --request "$1.request" --no-passphrase --quiet
	quietly regesta actor enrol "$1.request"
}
says() { # PATTERN NAME: the last command printed it
	grep -qaE -- "$1" "$out" || die "$2: the output lacks /$1/"
	ok "$2"
}
no_table() { # NAME: nothing on stdout before the error
	[ ! -s "$out" ] || die "$1: something was printed before the error"
	ok "$1: nothing before the error"
}
member dm1 data-manager
member mon monitor
echo data >f && echo better >better
works "a submission" regesta submit f --study rare-01 --json
first=$(ids)
nobody=0000000000000000000000000000000000000000000000000000000000000000

works "many actors' names are told apart, at a cost that grows as they do" "$helpers/names"

# ---- What a denial is about
denied() { fails 14 "recorded as refused.*: $1" "denial: $2" "${@:3}"; }
denied "study rare-01 has no site s9" "a site that is not there" regesta actor assign clinic/dm1 --study rare-01 --site s9 --role data-manager
denied "no actor clinic/nobody is enrolled" "an actor" regesta actor assign clinic/nobody --study rare-01 --site s1 --role data-manager
fails 6 "study: no study .nowhere." "a mistyped study is no denial" regesta actor assign clinic/dm1 --study nowhere --site s1 --role data-manager
denied "study rare-01$" "a study that is there already" \
	regesta study register rare-01 --title Again --sponsor clinic --site s2=clinic --protocol 1.0
denied "no organisation lyon is admitted" "an organisation" \
	regesta study register rare-02 --title Other --sponsor clinic --site s2=lyon --protocol 1.0
denied "the sponsor is lyon|no organisation lyon" "a sponsor" regesta study register rare-03 --title Other --sponsor lyon --site s2=clinic --protocol 1.0
fails 14 "recorded as refused" "a submission from a site that is not there" regesta submit f --study rare-01 --site s9
says "study rare-01 has no site s9" "denial: a site of a submission"
fails 14 "recorded as refused" "a submission without a task" regesta submit better --study rare-01 --as clinic/mon
says "clinic/mon has no assignment in force in study rare-01" "denial: an author without a task"
denied "clinic/mon; actor.enrol is recorded by" "an author without authority" regesta actor enrol dm1.request --as clinic/mon
denied "actor clinic/dm1" "an actor who is enrolled" regesta actor enrol dm1.request
denied "no key $nobody is enrolled" "a key" regesta actor revoke clinic/dm1 --key "$nobody" --reason other
regesta template data.retract | sed -E "s/\"study\": \"[^\"]*\"/\"study\": \"rare-01\"/; s/[0-9a-f]{64}#[0-9]+/$nobody#0/g" >retract.json
denied "no item 000000000000#0 was recorded" "an item" regesta record retract.json
works "log finds it" regesta log --limit 1 --json
refused_id=$(ids)
works "show" regesta show "$refused_id"
says "no item 000000000000#0 was recorded" "show says what a denial was about"
works "show --json" regesta show "$refused_id" --json
says '"words": "recorded as refused: .*no item 000000000000#0' "show --json says it too"
# What is there today was not there then.
works "the site that was missing" regesta study amend rare-01 --site s9=clinic --reason protocol-change
works "what was denied for want of it" regesta log --kind actor.assign --oldest-first --limit 1 --json
works "is shown" regesta show "$(ids)"
says "study rare-01 has no site s9" "as it was then"
works "the man page" regesta help --man show
tr -d '\n' <"$out" | grep '.B 14recorded, but as refused.*does not exist' >/dev/null || die "the man page says less of exit code 14 than it stands for"
ok "says what exit code 14 stands for"

# ---- The state of an item
works "an item as it was submitted" regesta show "$first#0"
says "state: normal" "is normal"
works "attest" regesta attest "$first#0" --statement reviewed
works "an attested item" regesta show "$first#0"
says "state: attested" "is attested"
works "correct" regesta correct "$first#0" better --reason source-corrected --category laboratory --json
better=$(ids)
works "a corrected item" regesta show "$first#0"
says "state: corrected" "is corrected"
says "corrected by $better#0 \(source-corrected\)" "and says by what and why"
works "retract" regesta retract "$first#0" --reason wrong-file --json
gone=$(ids)
works "a retracted item" regesta show "$first#0" --json
says '"state": "retracted"' "is retracted"
says "\"event\": \"$gone\"" "and says by which event"
"$helpers/json_check" <"$out" || die "show ITEM --json is no JSON"
works "an event as a whole" regesta show "$first" --json
grep -q '"item": {' "$out" && die "an event as a whole has no state of an item"
ok "has no state of an item"

# ---- Exit codes of look-ups: 2 what cannot be a name, 6 what could be one and is not there
for command in show open lineage history; do
	fails 6 "no event begins|says nothing" "$command of an abbreviation that is not there" regesta "$command" ffff
	no_table "$command ffff"
	fails 6 "no event" "$command of an id that is not there" regesta "$command" "$nobody#0"
	fails 6 "no event begins|no event|says nothing" "$command of an abbreviation that begins as a CID does" regesta "$command" bafa2681
	no_table "$command of an id"
	fails 6 "there is no #" "$command of an entry that is not there" regesta "$command" "#99999"
	fails 6 "no item|says nothing" "$command of an address that is not there" regesta "$command" \
		bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku
	fails 2 "." "$command of what is no name" regesta "$command" "F_!"
done
fails 6 "there is no #7" "an item that the event does not have" regesta show "$first#7"
fails 6 "clinic/nobody" "history of an actor who is not there" regesta history clinic/nobody
no_table "history of an actor"
fails 6 "nowhere" "history of a study that is not there" regesta history nowhere
works "an abbreviation of 4 digits" regesta show "${first:0:6}"
fails 6 "no study" "a study that is not there, in log" regesta log --study elsewhere
fails 6 "no actor" "an actor who is not there, in log" regesta log --actor clinic/nobody
fails 6 "no study" "a study that is not there, in list" regesta list items --study elsewhere
no_table "list"

# ---- A revocation of an older key
old=$(regesta key show clinic/dm1 --json | grep -oE '"kid": "[0-9a-f]{64}"' | head -n 1 | grep -oE '[0-9a-f]{64}')
works "rotate" regesta actor rotate --as clinic/dm1 --no-passphrase --countersigned-by clinic/admin
works "revoke the key that was rotated out" regesta actor revoke clinic/dm1 --key "$old" --reason key-compromised --compromised-since 2030-01-01
works "actors" regesta list actors
says "clinic/dm1 +data-manager +active" "the newer key is in force"
works "revoke the newer one" regesta actor revoke clinic/dm1 --reason other
works "actors" regesta list actors
says "clinic/dm1 +data-manager +revoked" "until it is revoked itself"

# ---- Studies as they are now
works "a study is amended" regesta study amend rare-01 --protocol 2.0 --title "Second phase"
works "studies" regesta list studies
says "rare-01 +Second phase +clinic +2.0 +open" "the list says what the amendment changed"
fails 2 "it is one of .*protocol-change" "a code that is none, and near none" regesta retract "$first#0" --reason qqqqqqqqqq
fails 2 "regesta history NUMBER --participant" "a participant's number, not said to be one" regesta history P-001

# ---- A time without its zone
fails 2 "2026-03-01T09:30 lacks the offset from UTC.*2026-03-01T09:30\+01:00" "--when without a zone" \
	env TZ=CET-1CEST regesta submit f --study rare-01 --when 2026-03-01T09:30
fails 2 "2026-07-01T09:30:15\+02:00" "--when without a zone, in summer" \
	env TZ=CET-1CEST,M3.5.0,M10.5.0/3 regesta submit f --study rare-01 --when 2026-07-01T09:30:15
fails 2 "lacks the offset" "--since without a zone" regesta log --since 2026-03-01T09:30

# ---- A period
works "since tomorrow" regesta log --since 2999-01-01 --json
says '"entries": \[\]' "nothing"
works "until yesterday" regesta log --until 2001-01-01 --json
says '"entries": \[\]' "nothing"
works "everything" regesta log --json
cp "$out" all
works "everything, between" regesta log --since 2001-01-01 --until 2999-01-01 --json
cmp -s all "$out" || die "a period that holds everything leaves something out"
ok "everything in the period"

# ---- JSON of template and help
for command in "template" "template data.submit" "help" "help submit" "help actor enrol"; do
	read -ra words <<<"$command"
	works "$command --json" regesta "${words[@]}" --json
	"$helpers/json_check" <"$out" || die "$command --json is no JSON"
done
works "template data.submit --json" regesta template data.submit --json
says '"document": \{' "a template as a document"

# ---- Names from outside
esc=$'\033[2J' turn=$'\u202e' nel=$'\u0085'
hostile="a${esc}b${turn}c\"d\\e<f>&g"
clean() { # NAME: no control character, no mark of direction in what was printed
	LC_ALL=C grep -qaP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]' "$out" "$err" &&
		die "$1 prints what could move a cursor"
	ok "$1 prints nothing that could move a cursor"
}
any() { # NAME COMMAND...: whatever its exit code, what it prints is clean
	local name=$1
	shift
	"$@" >"$out" 2>"$err" </dev/null
	clean "$name"
}
mkdir "in$esc"
echo 1 >"in$esc/$hostile"
any "a hostile title" regesta study register rare-09 --title "$hostile" --sponsor clinic --site s1=clinic --protocol 1.0
any "a hostile participant" regesta participant enrol --study rare-01 --site s1 "P$turn$nel"
any "a hostile path" regesta submit "in$esc" --study rare-01
id=$(regesta log --kind data.submit --limit 1 --json | sed -nE 's/^ {6}"id": "([0-9a-f]{64})".*/\1/p')
any "a hostile path, JSON" regesta submit "in$esc/$hostile" --study rare-01 --json --dry-run
any "open" regesta open "$id" --list
any "open --output" regesta open "$id" --output "o$turn"
any "a hostile manifest" regesta submit --manifest <(printf 'file,participant\n"%s",P%s\n' "$hostile" "$turn") --study rare-01
printf 'log %s+x+y\nquorum none\n' "$hostile" >hostile.policy
regesta receipt "$id" --output one.receipt >/dev/null 2>&1
any "a hostile policy" regesta verify one.receipt --policy hostile.policy
any "a hostile policy in an audit" regesta audit --policy hostile.policy
sed "1s/.*/$turn/" one.receipt >hostile.receipt
any "a hostile receipt" regesta verify hostile.receipt --policy hostile.policy
for command in "log" "history rare-01" "show $id" "show $id#0 --names" "lineage $id#0 --names" "list items --names" "list studies" "participant list"; do
	read -ra words <<<"$command"
	any "$command" regesta "${words[@]}"
	any "$command --json" regesta "${words[@]}" --json
done
for command in show history lineage open log list template help verify audit; do
	any "$command of a hostile name" regesta "$command" "$hostile"
done
any "--as a hostile name" regesta log --as "$hostile"

# ---- The demo shows commands, not functions of its own
REGESTA=$(command -v regesta) "$project/tests/demo/run" >demo.out 2>&1 || die "the demo fails"
while IFS= read -r line; do
	read -r word _ <<<"$line"
	case $(type -t "$word") in file | builtin) ;; *) die "the demo shows \"$word\", which nobody else has" ;; esac
	[ "$(type -t "$word")" ] || die "$word"
done < <(sed -nE 's/^\$ //p' demo.out | sed -E 's/ [|&]+ /\n/g')
[ "$(grep -c '^\$ ' demo.out)" -ge 30 ] || die "the demo shows too little"
ok "the demo shows commands that anybody can run"

# ---- Installing and removing
mkdir -p prefix/share/man
works "install" "$project/scripts/install" "$(command -v regesta)" "$build/share/locale" prefix
{ [ -x prefix/bin/regesta ] && [ -s prefix/share/man/man1/regesta-submit.1 ]; } || die "install did not install"
works "install again" "$project/scripts/install" "$(command -v regesta)" "$build/share/locale" prefix
works "uninstall" "$project/scripts/install" --remove prefix
[ "$(cd prefix && find . | sort | tr '\n' ' ')" = ". ./share ./share/man " ] || die "uninstall left: $(find prefix)"
ok "leaves what was there before, and nothing else"

# ---- Help, man pages and completion say what the commands are
regesta help --completion >completion
bash -n completion || die "the completion script is no script"
# shellcheck source=/dev/null
. ./completion
regesta help --list >commands
while IFS= read -r name; do
	read -ra words <<<"$name"
	regesta "${words[@]}" --help >page 2>"$err" || die "$name --help"
	regesta help --man "${words[@]}" >man.page 2>"$err" || die "help --man $name"
	sed 's/[\\]//g' man.page >man.plain
	COMP_WORDS=(regesta "${words[@]}" --) COMP_CWORD=$((${#words[@]} + 1)) COMPREPLY=()
	_regesta
	while IFS= read -r option; do
		[[ " ${COMPREPLY[*]} " == *" $option "* ]] || die "completion of \"$name\" does not know $option"
		grep -q -- "^.B $option" man.plain || die "the man page of \"$name\" lacks $option"
	done < <(sed -nE 's/^  (--[a-z-]+).*/\1/p' page)
	# Examples name commands and options that there are.
	while IFS= read -r example; do
		known=
		while IFS= read -r other; do
			[[ "$example " == "regesta $other "* ]] && [ "${#other}" -gt "${#known}" ] && known=$other
		done <commands
		[ -n "$known" ] || die "an example of \"$name\" is no command: $example"
		read -ra other <<<"$known"
		regesta "${other[@]}" --help >other.page
		while IFS= read -r option; do
			grep -qE -- "^  $option( |$)" other.page || die "an example of \"$name\" has an option that is not there: $option"
		done < <(grep -oE -- ' --[a-z-]+' <<<"${example%%[#&|]*}" | tr -d ' ')
	done < <(sed -n '/^Examples$/,$p' page | sed -nE 's/^  (regesta .*)/\1/p')
done <commands
ok "help, man pages, completion and examples agree with the commands"
