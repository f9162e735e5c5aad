#!/usr/bin/env bash
# Every flag that holds data back is listed with what would cover it, and a shown event explains each of its flags.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
says() { # NAME PATTERN: in what the last command printed
	grep -qE -- "$2" "$out" || die "$1: no /$2/"
	ok "$1"
}
listed() { # ITEM: its line in the list
	quietly regesta list quarantine --study rare-01
	grep -- "^${1:0:12}#0 " "$out" >"$place/line" || : >"$place/line"
	cp "$place/line" "$out"
}
submit() { # NAME WORDS…
	local name=$1
	shift
	printf '%s' "$name" >"$name"
	quietly regesta submit "$name" --study rare-01 --json "$@"
	last=$(ids)
}
new_ledger
quietly regesta participant enrol --study rare-01 --site s1 P-1
printf form >form.pdf
quietly regesta ethics approve --study rare-01 --committee board --protocol 1.0 --form form.pdf:1:de:adult --when 2026-01-10
quietly regesta consent give --study rare-01 --participant P-1 --form form.pdf:1:de:adult --permit all --when 2026-01-20
quietly regesta key new clinic/nurse --roles data-manager --no-passphrase --request nurse.req
quietly regesta actor enrol nurse.req
quietly regesta actor assign clinic/nurse --study rare-01 --site s1 --role data-manager --from 2026-01-01
quietly regesta register grant clinic/nurse

submit good --participant P-1 --collected 2026-02-01
input=$last
listed "$input"
[ -s "$out" ] && die "what is covered is in quarantine"
ok "what is covered is not listed"

# A suspect key: found out later, and affirmed.
submit suspect --participant P-1 --collected 2026-02-02 --as clinic/nurse
suspect=$last
submit forged --participant P-1 --collected 2026-02-02 --as clinic/nurse
forged=$last
quietly regesta actor revoke clinic/nurse --reason key-compromised --compromised-since 2026-01-01T00:00:00Z
listed "$suspect"
says "data by a suspect key is in quarantine" 'key-suspect +needs an affirmation'
quietly regesta list quarantine --study rare-01 --json
says "as JSON" '"flag": "key-suspect"'
quietly regesta actor affirm "$suspect"
listed "$suspect"
says "affirmed, it is covered" 'key-suspect +covered since entry #'
quietly regesta actor repudiate "$forged" --reason key-compromised
listed "$forged"
says "repudiated, nothing covers it" 'needs nothing: its event was repudiated'

# A retracted input.
quietly regesta retract "$input#0" --reason wrong-file
printf derived >derived
quietly regesta derive derived --study rare-01 --from "$input#0" --json
derived=$(ids)
listed "$derived"
says "data from a retracted input is in quarantine" '^[0-9a-f]{12}#0 +- +input-retracted +needs nothing: derive it anew'

# A closed study.
quietly regesta study close rare-01
submit after --participant P-1 --collected 2026-02-03
after=$last
listed "$after"
says "data after the study is in quarantine" 'study-closed +needs an attestation of the item, approved'
quietly regesta attest "$after#0" --statement reviewed
listed "$after"
says "a review is not enough" 'needs an attestation'
quietly regesta attest "$after#0" --statement approved
listed "$after"
says "the sponsor's approval is" 'study-closed +covered since entry #'

# An event explains its flags.
works "an event with flags is shown" regesta show "$after"
says "each in words, with what covers it" 'study-closed: the study was closed before; what covers it: an attestation of the item, approved'
works "as JSON" regesta show "$after" --json
"$helpers/json_check" <"$out" || die "no JSON"
says "with words" '"covered_by": "an attestation of the item, approved'
works "one without flags" regesta show "$input"
grep -q 'what covers it' "$out" && die "flags that there are not"
audit_clean "all of it"
