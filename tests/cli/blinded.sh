#!/usr/bin/env bash
# A blinded study of 300 participants: whoever reads a node, without keys and without the register, guesses the arms as a coin does; and the guessing is good enough to find
# each thing that would give them away.
cd "$(dirname "$0")/../.." || exit
project=$PWD
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
# study NAME PEOPLE [leaking]: a ledger of its own in the folder NAME, of which the node's part goes to NAME/node; the log is read there, by somebody without a home.
study() {
	local wave numbers
	export REGESTA_HOME=$place/$1/home REGESTA_LEDGER=$place/$1/ledger
	mkdir "$1"
	quietly python3 "$project/tests/cli/blinded.py" write "$place/$1/study" "${@:2}"
	quietly regesta init "$REGESTA_LEDGER" --organisation clinic --country DE --quiet "${init_options[@]}"
	quietly regesta study register trial-b --title "A blinded trial" --sponsor clinic --site s1=clinic --protocol 1.0
	mapfile -t numbers < <(cut -d, -f1 "$1/study/arms.csv")
	quietly regesta participant enrol --study trial-b --site s1 "${numbers[@]}"
	for wave in kit visit1 visit2 visit3; do quietly regesta submit --study trial-b --site s1 --manifest "$1/study/$wave.csv"; done
	quietly regesta participant list --json
	cp "$out" "$1/refs.json"
	mv "$REGESTA_LEDGER" "$1/node"
	quietly env REGESTA_HOME="$place/nobody" regesta log --ledger "$1/node" --limit 100000 --json
	cp "$out" "$1/log.json"
}
guess() { quietly python3 "$project/tests/cli/blinded.py" guess "$1/study" "$1/node" "$1/log.json" "$1/refs.json" "${@:2}"; }
finds() { grep -q "^$1 known " "$out" || die "$2"; ok "$2: $(sed -nE "s/^$1 known ([0-9]+) ([0-9]+)/\1 of \2 guessed right/p" "$out")"; }

study blinded 300
! grep -raqE 'verum|placebo|KIT-[0-9]{4}' blinded/node || die "an arm or a kit stands in the node's files in clear"
ok "no arm and no kit in clear"
guess blinded
for set in sizes files counts times order bits all; do
	grep -q "^$set nothing " "$out" || die "$set: they give the arm away"
	ok "$set: no more than a coin tells: $(sed -nE "s/^$set nothing ([0-9]+) ([0-9]+)/\1 of \2 guessed right at best/p" "$out")"
done

# ---- The check can fail
guess blinded plain
finds sizes "without padding the lengths would give the arm away"
study leaking 200 leaking
guess leaking
finds sizes "so do long documents whose length depends on the arm"
finds files "as files, too"
finds counts "so do documents that one arm alone has"
finds times "so do days that depend on the arm"
finds order "so does a list that is sorted by the arm"
