#!/usr/bin/env bash
# Story 10. A blinded study, an emergency, and a site that closes: the ledger does not name the arm; unblinding is recorded; the successor opens the register and goes on.
cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/stories/story.sh
. tests/stories/story.sh
story "10. A blinded study, and a site that closes"
begin_ledger
admit lyon FR
admit charite DE
quietly regesta register create --as lyon/admin
quietly regesta register create --as charite/admin
quietly regesta study register trial-b --title "A blinded trial" --sponsor clinic --site lyon=lyon --site berlin=charite --protocol 1.0
engage lyon/nurse data-manager
trusted lyon/nurse
quietly regesta actor assign lyon/nurse --study trial-b --site lyon --role data-manager --from 2026-01-01 --as lyon/admin
quietly regesta participant enrol --study trial-b --site lyon LYON-1 LYON-2 --as lyon/nurse
# What is short has one length when it is sealed; tests/cli/blinded.sh tries with 300 participants to guess the arms.
echo "kit KIT-4711: verum, 40 mg twice a day, batch A17, store at 2 to 8 degrees" >kit-1.txt
echo "kit KIT-0815: placebo" >kit-2.txt
scene "Two participants, two kits. What is in them is sealed. A node operator who is blinded sees who recorded what, and when."
for n in 1 2; do
	does "kit $n is handed out" regesta submit kit-$n.txt --study trial-b --site lyon --participant LYON-$n --receipt kit-$n.receipt --as lyon/nurse
done
mkdir blinded
cp -r "$REGESTA_LEDGER" blinded/ledger
does "the blinded operator reads everything" regesta log --ledger blinded/ledger --home blinded/home --json
hides "verum|placebo|KIT-4711|KIT-0815|LYON-1|LYON-2" "and finds neither arm, nor kit, nor number"
lengths=$(grep -oE '"length": [0-9]+' "$out" | sort -u | wc -l)
equal 1 "$lengths" "the long form and the short one look the same"
sizes() { find "$1/payload" -name data -printf '%s\n' | sort -u | wc -l; }
equal 1 "$(sizes blinded/ledger)" "and so does what is sealed beside them: the names of the files"
unseen "neither is in any file of the node" verum placebo KIT-4711 KIT-0815 LYON-1 LYON-2
declined 8 "." "without a key nobody opens a kit" env REGESTA_HOME=blinded/home regesta open "$(last_id)#0" --output opened
scene "At night LYON-1 is brought in, unconscious. The physician has to know the arm. That is recorded, as an emergency."
if regesta help --list | grep -xF "blinding unblind" >"$out"; then
	echo verum >arm.txt
	does "the unblinding" regesta blinding unblind LYON-1 --study trial-b --kind emergency --arm arm.txt --reason other --receipt unblind.receipt --as lyon/nurse
else
	reference=$(regesta participant list --as lyon/nurse --json | tr -d ' \n' | grep -oE '\{[^{}]*"LYON-1"[^{}]*\}' | grep -oE '[0-9a-f]{64}' | head -n 1)
	cat >unblind.json <<-END
		{"kind": "blinding.unblind", "study": "trial-b", "when": "2026-06-01T02:10+02:00", "capacity": {"code": "own"}, "meaning": "authored",
		 "reason": {"code": "other"}, "body": {"participant": "$reference", "kind": "emergency"}}
	END
	does "the unblinding" regesta record unblind.json --receipt unblind.receipt --as lyon/nurse
fi
does "it is in LYON-1's history" regesta history LYON-1 --participant --study trial-b --as lyon/nurse --json
shows '"blinding.unblind"' "for everybody to see that it happened"
shows '"emergency"' "and of which kind it was"
hides "verum|placebo" "but not the arm"
equal 1 "$(sizes "$REGESTA_LEDGER")" "which is sealed, and as long as everything else"
quietly regesta history LYON-2 --participant --study trial-b --as lyon/nurse --json
hides '"blinding.unblind"' "LYON-2 stays blinded"
scene "In autumn the site in Lyon closes. All organisations vote that Berlin's takes over: its participants, its data, its duties. The register of the site goes over sealed to the key that the ledger has of Berlin's administrator, without a passphrase."
does "the proposal" regesta governance propose-succession lyon charite --as clinic/admin
proposal=$(last_id)
declined 14 "recorded as refused" "before the vote nothing is taken over" regesta organisation succeed "$proposal" --as charite/admin
quietly regesta governance vote "$proposal" --approve --as clinic/admin
does "the last vote that is needed" regesta governance vote "$proposal" --approve --as lyon/admin
does "the register is written for the way" regesta register export --output register.bin --to charite/admin --study trial-b --site lyon --as lyon/admin
shows "register of 2 participants" "of the two participants alone"
declined 14 "recorded as refused" "nobody takes over but the successor" regesta organisation succeed "$proposal" --as clinic/admin
does "the successor takes over" regesta organisation succeed "$proposal" --as charite/admin --receipt succeeded.receipt
declined 8 "sealed to another key" "nobody else opens the register on its way" regesta register import register.bin --as clinic/admin
does "and opens the register with its own key" regesta register import register.bin --as charite/admin
quietly regesta participant list --json --as charite/admin
shows '"LYON-1"' "it knows LYON-1"
shows '"LYON-2"' "and LYON-2"
echo "a visit in Berlin" >visit.txt
declined 14 "recorded as refused" "Lyon records nothing more" regesta submit visit.txt --study trial-b --site lyon --participant LYON-1 --as lyon/nurse
does "Berlin does, for the same participants" regesta submit visit.txt --study trial-b --site lyon --participant LYON-1 --again --receipt visit.receipt --as charite/admin
scene "Who may hold which permit afterwards is decided by contracts, later. What an outsider can check, with the policy file alone:"
for what in kit-1 kit-2 unblind succeeded visit; do outsider "the receipt: $what" $what.receipt; done
quietly regesta prove trail LYON-1 --study trial-b --output LYON-1.trail --as charite/admin
outsider "LYON-1's trail, complete, from Lyon to Berlin" LYON-1.trail
shows "lyon/nurse.*charite/admin" "by whom it was kept"
outsider_audits "the whole ledger, recomputed by somebody without keys"
unseen "at the end no arm, no kit, no number" verum placebo KIT-4711 KIT-0815 LYON-1 LYON-2
