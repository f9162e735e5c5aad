#!/usr/bin/env bash
# Consents and decisions of committees through the command line: stories 2, 3 and 6, and what is refused.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
says() { # NAME PATTERN: in what the last command printed
	grep -qE -- "$2" "$out" || die "$1: no /$2/"
	ok "$1"
}
init_options=(--no-passphrase)
quietly regesta init "$REGESTA_LEDGER" --organisation clinic --country DE --quiet "${init_options[@]}"
quietly regesta study register rare-01 --title "A study" --sponsor clinic --site a=clinic --site b=clinic --protocol 1.0 --legal-basis consent
quietly regesta policy --output ledger.policy
echo old >old.pdf
echo new >new.pdf
echo data >data.txt
echo letter >letter.pdf
quietly regesta participant enrol --study rare-01 --site a P-1 P-2 P-3
quietly regesta participant enrol --study rare-01 --site b P-9

# Story 2: signed on Monday on an old form, collected on Tuesday, entered on Thursday.
works "an approval with a letter is recorded" regesta ethics approve --study rare-01 --committee ethics-a --site a --protocol 1.0 --form new.pdf:2:de:adult --until 2030-12-31 --when 2026-01-10 --letter letter.pdf
works "a consent on an old form is recorded" regesta consent give --study rare-01 --participant P-1 --form old.pdf:1:de:adult --permit all --when 2026-03-02 --scan letter.pdf --json
says "and flagged" 'form-not-approved'
old=$(ids | head -n 1)
works "its data is recorded" regesta submit data.txt --study rare-01 --site a --participant P-1 --category clinical --collected 2026-03-03
says "and flagged" 'not approved'
before=$(regesta show ledger --json | sed -nE 's/^ *"height": ([0-9]+).*/\1/p')
quietly regesta list quarantine --study rare-01 --names
says "it is in quarantine" 'P-1 .*form-not-approved +needs an approval or waiver'
works "the committee waives that consent" regesta ethics waive --study rare-01 --committee ethics-a --site a --consent "$old" --when 2026-03-05 --letter letter.pdf
quietly regesta list quarantine --study rare-01 --names
says "it is covered since then" 'covered since entry #'
quietly regesta consent show P-1 --study rare-01 --on 2026-03-03
says "on Tuesday: permitted" 'permitted'
quietly regesta consent show P-1 --study rare-01 --on 2026-03-03 --known-at "$before"
says "on Tuesday, as known before the waiver: nothing that counts, and why" 'silent +consent was given on a form that was not approved'
works "that is proved" regesta prove no-consent P-1 --study rare-01 --on 2026-03-03 --known-at "$before" --output then.proof
works "and verified offline" env -u REGESTA_HOME -u REGESTA_LEDGER regesta verify then.proof --policy ledger.policy
says "with the ground" 'NO CONSENT: consent was given on a form'
works "as known now there was consent" regesta prove consent P-1 --study rare-01 --on 2026-03-03 --output now.proof
works "which verifies too" env -u REGESTA_HOME -u REGESTA_LEDGER regesta verify now.proof --policy ledger.policy --json
fails 1 'no-consent' "the contrary is not proved" regesta prove consent P-1 --study rare-01 --on 2026-03-03 --known-at "$before"

# Story 3: withdrawal by telephone; what was collected so far may be used.
quietly regesta consent give --study rare-01 --participant P-2 --form new.pdf:2:de:adult --permit read,collect --purpose GRU --when 2026-02-01
works "a withdrawal asks for no reason" regesta consent withdraw --study rare-01 --participant P-2 --existing-data keep-using --means telephone --when 2026-04-01
quietly regesta consent show P-2 --study rare-01 --use read --purpose HMB --collected 2026-03-01
says "earlier data: permitted" 'permitted +consent was given'
quietly regesta consent show P-2 --study rare-01 --use read --purpose HMB --collected 2026-04-02
says "later data: denied" 'denied +consent was withdrawn'
works "later data is recorded" regesta submit data.txt --again --study rare-01 --site a --participant P-2 --category clinical --collected 2026-04-02
says "and flagged" 'no consent'
works "without --on, the proof speaks of a minute ago" regesta prove no-consent P-2 --study rare-01 --use read --collected 2026-04-02 --output p2.proof
works "and verifies" env -u REGESTA_HOME -u REGESTA_LEDGER regesta verify p2.proof --policy ledger.policy
sed 's/^use 3$/use 4/' p2.proof >altered.proof
fails 3 'sum|changed' "an altered question is noticed" regesta verify altered.proof --policy ledger.policy

# Story 6: A approves, B refuses; A's approval ends on Sunday; safety data is still recorded.
works "committee B refuses" regesta ethics refuse --study rare-01 --committee ethics-b --site b --when 2026-02-01
works "committee A ends its approval on Sunday" regesta ethics end --study rare-01 --committee ethics-a --site a --when 2026-05-31+02:00
quietly regesta list approvals --study rare-01
says "A has ended" '^a +ethics-a +the approval was ended'
says "B has refused" '^b +ethics-b +refused'
quietly regesta list approvals --study rare-01 --on 2026-05-30+02:00
says "until midnight of that place A was approved" '^a +ethics-a +approved'
works "safety data of afterwards is recorded" regesta submit data.txt --again --study rare-01 --site a --participant P-1 --category safety --collected 2026-06-02
says "and flagged" 'expired'
works "data of B is recorded" regesta submit data.txt --again --study rare-01 --site b --participant P-9 --category clinical --collected 2026-03-02
quietly regesta list quarantine --study rare-01 --names
says "B's data stays in quarantine" 'P-9 .*needs .*approval of the site'
audit_clean "the stories"

# Who is of age decides alone; who is represented by nobody any more is asked again.
quietly regesta participant enrol --study rare-01 --site a P-5 P-6
for number in P-5 P-6; do
	quietly regesta consent give --study rare-01 --participant "$number" --form new.pdf:2:de:adult --permit all --signer parent --when 2026-05-01
done
quietly regesta participant status P-5 of-age --study rare-01 --when 2026-06-01
quietly regesta participant represent P-6 r-1 --study rare-01 --authority parent --from 2026-01-01 --until 2026-05-31
for number in P-5 P-6; do
	quietly regesta consent show "$number" --study rare-01 --on 2026-05-15
	says "$number: the parents' consent holds" 'permitted'
	quietly regesta consent show "$number" --study rare-01 --on 2026-06-15
	says "$number: until then" 'silent +consent was given, but the participant is to be asked again'
done
quietly regesta list reconsent --study rare-01 --names
says "who is of age is listed" '^P-5 .*asked again'
says "who is alone is listed" '^P-6 .*asked again'
works "that is proved" regesta prove no-consent P-6 --study rare-01 --on 2026-06-15 --output alone.proof
works "and verified offline" env -u REGESTA_HOME -u REGESTA_LEDGER regesta verify alone.proof --policy ledger.policy
quietly regesta consent give --study rare-01 --participant P-5 --form new.pdf:2:de:adult --permit all --when 2026-05-20
quietly regesta consent show P-5 --study rare-01 --on 2026-06-15
says "the own consent holds" 'permitted'

# What is refused, and recorded nowhere.
give=(regesta consent give --study rare-01 --participant P-3)
form=(--form new.pdf:2:de:adult)
refused 2 'nearest known is "duo.gru"' "an unknown purpose" "${give[@]}" "${form[@]}" --permit read --purpose GRUX
refused 2 'condition, not a purpose.*--modifier npu' "a modifier as a purpose" "${give[@]}" "${form[@]}" --permit read --purpose DUO:0000045
refused 2 '--permit' "an unknown use" "${give[@]}" "${form[@]}" --permit reed
refused 2 'say what is permitted' "nothing permitted" "${give[@]}" "${form[@]}"
refused 2 'FILE:VERSION:LANGUAGE:AUDIENCE' "a form without version" "${give[@]}" --form new.pdf --permit all
refused 2 'audience' "an unknown audience" "${give[@]}" --form new.pdf:2:de:adults --permit all
refused 2 '--form' "no form" "${give[@]}" --permit all
refused 2 '--signer' "an unknown signer" "${give[@]}" "${form[@]}" --permit all --signer aunt
refused 2 '--until' "31 February" "${give[@]}" "${form[@]}" --permit all --until 2026-02-31
refused 2 'ask.again' "a day to ask again" "${give[@]}" "${form[@]}" --permit all --ask-again 2034-05-06
for act in withdraw object refuse; do
	refused 2 'option --reason' "no reason is taken: consent $act" regesta consent "$act" --study rare-01 --participant P-3 --reason other
	regesta consent "$act" --help >"$out"
	grep -q -- '--reason' "$out" && die "consent $act offers --reason"
	grep -q -- '--when' "$out" || die "consent $act offers no --when"
done
ok "nor offered"
refused 2 'existing-data' "a withdrawal that does not say what happens to data" regesta consent withdraw --study rare-01 --participant P-3
refused 6 'not in the register' "an unknown participant" regesta consent refuse --study rare-01 --participant P-77
refused 2 'no consent' "annulling what is no consent" regesta consent annul '#2' --reason other
refused 2 '--reason' "annulling without a reason" regesta consent annul "$old"
refused 2 '--protocol' "an approval of no protocol" regesta ethics approve --study rare-01 --committee ethics-a
refused 2 'MEANWHILE' "who is asked again, badly said" regesta ethics approve --study rare-01 --committee ethics-a --protocol 1 --reconsent everybody
refused 2 'say what is accepted' "a waiver of nothing" regesta ethics waive --study rare-01 --committee ethics-a
fails 6 'no block' "a height to come" regesta consent show P-1 --study rare-01 --known-at 100000
fails 6 'speaks for' "a proof of a day to come" regesta prove consent P-1 --study rare-01 --on 2999-01-01
fails 2 '--on' "a day that is none" regesta consent show P-1 --study rare-01 --on 2026-13-01
