#!/usr/bin/env bash
# Reports for browsers to judge, in SAMPLES/pages/SUBJECT-LANGUAGE.html: of a participant, a study, a site and an item, in every language, from a ledger with corrections,
# refusals, flags, sealed names and texts, long words and a table of many rows. Run by tests/judges/run with REGESTA, SAMPLES and WORK.
set -euo pipefail
: "${REGESTA:?}" "${SAMPLES:?}" "${WORK:?}"
pages=$SAMPLES/pages
mkdir -p "$pages" "$WORK/many"
export REGESTA_HOME=$WORK/home REGESTA_LEDGER=$WORK/ledger
cd "$WORK"
# The id of the event that the command records, which prints JSON.
recorded() {
	"$REGESTA" "$@" --json >recorded.json
	sed -nE 's/^ {6}"id": "([0-9a-f]{64})".*/\1/p' recorded.json | head -n 1
}
refused() {
	local code=0
	"$REGESTA" "$@" >refused.txt 2>&1 || code=$?
	[ "$code" -eq 14 ] || { cat refused.txt; echo "not refused: $*"; exit 1; }
}
"$REGESTA" init "$REGESTA_LEDGER" --organisation clinic --country DE --no-passphrase --quiet
"$REGESTA" study register rare-01 --title "A study of a rare disease" --sponsor clinic --site s1=clinic --protocol 1.0 --quiet
"$REGESTA" participant enrol --study rare-01 --site s1 P-001 P-002 --quiet
"$REGESTA" key new clinic/monitor --request monitor.request --roles monitor --no-passphrase --quiet
"$REGESTA" actor enrol monitor.request
"$REGESTA" actor assign clinic/monitor --study rare-01 --site s1 --role monitor --from 2026-01-01
echo "haemoglobin 31.1" >'Blutbild <März> & "Verlauf".txt'
echo "haemoglobin 13.1" >"Laborwerte_$(printf 'sehr%.0s' {1..30})_langer_Name.txt"
{ echo "Zahlendreher beim Abtippen."; printf 'Die Werte wurden am %d. des Monats mit dem Ausdruck des Geräts verglichen. ' {1..20}; } >why.txt
value=$(recorded submit Blutbild*.txt --study rare-01 --site s1 --participant P-001 --category laboratory --collected 2026-03-03T08:15+01:00 --when 2026-03-03T09:30+01:00)
correction=$(recorded correct "$value#0" Laborwerte*.txt --reason data-entry-error --reason-text why.txt --when 2026-07-01T10:00+02:00)
"$REGESTA" attest "$correction#0" --statement verified --as clinic/monitor
refused study amend rare-01 --title "Another title" --as clinic/monitor
echo "Form" >form.txt
"$REGESTA" consent give --study rare-01 --participant P-001 --form form.txt:1:de:adult --permit collect,store,read --purpose GRU --when 2026-03-02+01:00
for n in {1..90}; do echo "$n" >"many/visit-$n.csv"; done
"$REGESTA" submit many --study rare-01 --site s1 --participant P-001 --category clinical --collected 2026-05
for n in {1..8}; do
	echo "visit $n" >visit.txt
	"$REGESTA" submit visit.txt --study rare-01 --site s1 --participant P-002 --again
done
echo "verum" >arm.txt
"$REGESTA" blinding unblind P-001 --study rare-01 --kind emergency --arm arm.txt --reason other
"$REGESTA" rights request P-001 --study rare-01 --right erasure
"$REGESTA" consent withdraw --study rare-01 --participant P-001 --existing-data keep-using --means telephone --when 2026-08-03T11:20+02:00
for language in en $(cd "$(dirname "$REGESTA")/../share/locale" && ls); do
	report() { "$REGESTA" report "$@" --language "$language" --output "$pages/$1-$language.html" --quiet; }
	report participant P-001 --study rare-01 --names
	report study rare-01
	report site s1 --study rare-01 --names
	report item "$correction#0" --names
done
