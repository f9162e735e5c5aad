#!/usr/bin/env bash
# What lines of other systems' audit trails would become.
vectors=$(cd "${REGESTA_VECTORS:-$(dirname "$0")/../../../shared/data}" 2>/dev/null && pwd)
cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
# shellcheck disable=SC2154 # out and helpers are lib.sh's
json_is() { # NAME PATTERN...
	"$helpers/json_check" <"$out" || die "$1: no JSON"
	local name=$1 pattern
	shift
	for pattern in "$@"; do grep -q -- "$pattern" "$out" || die "$name: no $pattern"; done
	ok "$name says so"
}

printf 'timestamp,username,action,details,record\n2024-10-11 10:06,somebody,Update record 5,"comments = '"'"'it doesn'"'"'t, yet'"'"'",5\n' >log.csv
printf '2024-10-11 10:07,somebody,Manage/Design,Export Logging (API),\n' >>log.csv
works "a log" regesta import log.csv --dry-run
grep -q '^line 2, Update record: data.correct$' "$out" || die "line 2"
grep -q '^line 3, Manage/Design: no record: action: ' "$out" || die "line 3"
if grep -q -e somebody -e comments "$out"; then die "a dry run shows what is to be sealed"; fi
works "a log as JSON" regesta import log.csv --dry-run --json
json_is "a log" '"format": "redcap"' '"mapped": 1' '"reasons": 1' '"kind": "data.correct"'

cat >audit.xml <<'X'
<?xml version="1.0"?>
<ODM FileType="Transactional"><ClinicalData><SubjectData><FormData TransactionType="Insert"><AuditRecord>
<UserRef UserOID="somebody"/><DateTimeStamp>2025-03-01T09:30:00+01:00</DateTimeStamp></AuditRecord></FormData></SubjectData></ClinicalData></ODM>
X
works "ODM" regesta import audit.xml --dry-run --json
json_is "ODM" '"format": "odm"' '"mapped": 1' '"reasons": 0' '"kind": "data.submit"' '"value": "2025-03-01T09:30:00+01:00"'

fails 2 'dry-run' "without --dry-run" regesta import audit.xml
fails 6 'no-such' "no file" regesta import no-such.xml --dry-run
printf 'a,b\n1,2\n' >other.csv
fails 3 'no column "a"; the columns are timestamp' "another table" regesta import other.csv --dry-run
printf '<html/>' >page.xml
fails 3 'no ODM' "another XML" regesta import page.xml --dry-run
printf '<!DOCTYPE ODM [<!ENTITY a SYSTEM "file:///etc/passwd">]><ODM>&a;</ODM>' >entity.xml
fails 3 'entity' "an entity" regesta import entity.xml --dry-run
printf 'timestamp,username,action,details,record\n"open' >open.csv
fails 3 'quote' "an open quote" regesta import open.csv --dry-run

if [ -z "$vectors" ]; then
	echo "skipped: no folder of vectors (REGESTA_VECTORS)"
	exit 0
fi
works "the vectors' log" regesta import "$vectors/redcap/redcap_log_2024-10-11.csv" --dry-run --json
json_is "the vectors' log" '"mapped": 5' '"reasons": 13'
[ "$(grep -c '"line": ' "$out")" -eq "$(($(wc -l <"$vectors/redcap/redcap_log_2024-10-11.csv") - 1))" ] || die "a row fell through"
ok "no row fell through"
