#!/usr/bin/env bash
# Messages: every one is in every catalogue; what people are shown passes through it; JSON is the same in every language.
project=$(cd "$(dirname "$0")/../.." && pwd)
cd "$project" || exit
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
command=$build/bin/regesta

# ---- The catalogues
"$helpers/words" >words.po || die "words of the tables"
"$project/scripts/messages" words.po >template.pot || die "the template"
[ "$(grep -c '^msgid ' template.pot)" -gt 2000 ] || die "few messages were found"
for catalogue in "$project"/po/*.po; do
	name=$(basename "$catalogue")
	works "$name is well-formed" msgfmt --check --output-file=/dev/null "$catalogue"
	works "$name has every message" "$project/scripts/messages" --missing "$catalogue" words.po
	works "$name has nothing that nobody says" "$project/scripts/messages" --unused "$catalogue" words.po
	if msgattrib --only-fuzzy "$catalogue" | grep -q '^msgid ' || grep -q '^#~ ' "$catalogue"; then die "$name has fuzzy or obsolete messages"; fi
	ok "$name has nothing fuzzy or obsolete"
done

# ---- A language in which every message stands in «guillemets», for whole scripts: what stands outside is no message
pseudo=$place/pseudo
mkdir -p "$pseudo/bin" "$pseudo/libexec" "$pseudo/share/locale/qq/LC_MESSAGES"
cp "$command" "$pseudo/libexec/regesta"
ln -s "$build/tests" "$pseudo/tests"
"$project/tests/cli/pseudo.py" catalogue template.pot >qq.po || die "the pseudo-language"
msgfmt --output-file="$pseudo/share/locale/qq/LC_MESSAGES/regesta.mo" qq.po || die "the pseudo-language"
export PSEUDO_LOG=${PSEUDO_LOG:-$place/log}
# Files on standard output, pages of help and JSON are no messages.
cat >"$pseudo/bin/regesta" <<'EOF'
#!/usr/bin/env bash
here=$(cd "$(dirname "$0")/.." && pwd)
out=$(mktemp) err=$(mktemp) code=0
env -u LC_ALL -u LANGUAGE LC_CTYPE=C.UTF-8 LC_MESSAGES=qq_QQ.UTF-8 "$here/libexec/regesta" "$@" >"$out" 2>"$err" || code=$?
case " $* " in
*" --json "* | *" --help "* | " help "*) ;;
" template "* | " report "* | " receipt "* | " policy "* | " prove "* | " checkpoint "* | " open "*) sed "s|^|$1 $2\\t|" "$err" >>"$PSEUDO_LOG" ;;
*) { [ "$(head -c 1 "$out")" = '{' ] || cat "$out"; cat "$err"; } | sed "s|^|$1 $2\\t|" >>"$PSEUDO_LOG" ;;
esac
sed 's/[«»]//g' "$out"
sed 's/[«»]//g' "$err" >&2
rm -f "$out" "$err"
exit "$code"
EOF
chmod +x "$pseudo/bin/regesta"
[ "$("$pseudo/bin/regesta" show x 2>&1)" = "$(LC_ALL=C.UTF-8 "$command" show x 2>&1)" ] || die "without its guillemets the pseudo-language is English"
grep -q '«' "$PSEUDO_LOG" || die "the pseudo-language is not spoken"
# Beside the names of the tables: purposes of keys, checks of an audit, countries, and what the scripts call their files.
{ "$helpers/words" --names; printf '%s\n' sign seal log cosign recovery kid true false payload de en DE IS NO nowhere elsewhere ledger backup policy trail tiles; } >names
for script in cli/consent cli/consent_import cli/import cli/participants cli/access cli/erase stories/03-withdrawal stories/07-stolen-key; do
	works "$script in the pseudo-language" env REGESTA_BUILD="$pseudo" REGESTA="$pseudo/bin/regesta" "$project/tests/$script.sh"
done
works "nothing is said that is not a message" "$project/tests/cli/pseudo.py" check template.pot names "$PSEUDO_LOG"

# ---- JSON: the same bytes in every language; and the language is that of the environment or --language
new_ledger
quietly regesta participant enrol --study rare-01 --site s1 P-001
echo one >one.txt
works "a submission" regesta submit one.txt --study rare-01 --participant P-001 --category laboratory --json
item=$(ids)
quietly regesta ethics approve --study rare-01 --committee ethics-a --until 2031-01-01 --protocol 1.0 --capacity transcribed --site s1
quietly regesta policy --output policy
quietly regesta receipt "$item" --output receipt
fails 14 'recorded as refused' "an act without authority" regesta actor assign clinic/nobody --study rare-01 --site s1 --role monitor
in_german() { env -u LC_ALL -u LC_MESSAGES -u LANGUAGE LANG=de_DE.UTF-8 "$@"; }
count=0
same() {
	local codes=0 codeg=0
	regesta "$@" --json >english.out 2>english.err </dev/null || codes=$?
	in_german regesta "$@" --json >german.out 2>german.err </dev/null || codeg=$?
	# What was asked of now.
	sed -i -E 's/("on": "[0-9-]+T)[0-9:.]+Z/\1Z/' english.out german.out
	[ "$codes" -eq "$codeg" ] || die "exit codes in two languages: $*"
	cmp -s english.out german.out || { diff english.out german.out >"$out"; die "JSON in two languages: $*"; }
	cmp -s english.err german.err || { diff english.err german.err >"$out"; die "errors as JSON in two languages: $*"; }
	count=$((count + 1))
}
for what in organisations actors studies items datasets agreements proposals rights holds incidents suspects outbox; do same list "$what"; done
for what in approvals quarantine reconsent; do same list "$what" --study rare-01; done
same show ledger
same show "$item"
same show "$item#0"
same show '#1'
same log
same history P-001 --participant --study rare-01
same history "$item#0"
same consent show --study rare-01
same consent show P-001 --study rare-01 --on 2026-11-01
same used-by "$item#0"
same lineage "$item#0"
same audit
same audit --policy policy
same verify receipt --policy policy
same verify policy --policy policy
same submit one.txt --study rare-01 --participant P-001 --category laboratory --dry-run
same template consent
same participant list
same show 0123456789abcdef
same show ledger --nonsense
same submit one.txt --study nowhere
same consent give P-001 --study rare-01 --permit nothing
same record /nonexistent
same nonsense
ok "$count commands print the same JSON in English and in German"
in_german regesta show ledger >german.out 2>"$err" || die "in German"
grep -q '^Herkunft' german.out || die "LANG is not followed"
regesta show ledger --language de >option.out 2>"$err" || die "--language"
cmp -s german.out option.out || die "--language is not LANG"
in_german regesta show ledger --language en >"$out" 2>"$err" || die "--language en"
grep -q '^origin' "$out" || die "--language en is not English"
env LC_ALL=C LANG=de_DE.UTF-8 LANGUAGE=de "$command" show ledger >"$out" 2>"$err" || die "LC_ALL=C"
grep -q '^origin' "$out" || die "LC_ALL=C is not English"
env -u LC_ALL LANG=fr_FR.UTF-8 LANGUAGE=fr:de "$command" show ledger >"$out" 2>"$err" || die "LANGUAGE"
cmp -s german.out "$out" || die "the second of LANGUAGE is not taken where there is no first"
in_german regesta show nothing >"$out" 2>"$err" && die "it shows nothing"
grep -q '^regesta show: .*nennt nichts' "$err" || die "errors are not in German"
in_german regesta show ledger --nonsense >"$out" 2>"$err"
grep -q 'unbekannte Option' "$err" || die "errors in options are not in German"
ok "the language is that of the environment or of --language"
fails 2 'catalogue' "a language that is none" regesta show ledger --language ../../tmp
