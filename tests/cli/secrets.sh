#!/usr/bin/env bash
# No plaintext name, number, free text, passphrase or key is found where it does not belong: in the ledger's folder, copies,
# tiles, evidence, outputs and logs; nor in a process' arguments. Searched as it is, in UTF-16, hexadecimal and base64.
cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
number=Zyx-PATIENT-4711 number2=Zyx-PATIENT-0815
file=Quetzalcoatl-report.txt folder=Nepomuk-folder
content='Xylophonspieler hat Hypertonie' reason='Wegen Verwechslung von Tlaxcala'
dataset='Popocatepetl analysis' stdin_name=Ixtaccihuatl.sql manifest_name=Chimborazo.csv
passphrase='correct horse Cotopaxi staple' passphrase2='another Aconcagua phrase' export_phrase='Llullaillaco is a volcano'
echo "$passphrase" >pass && echo "$passphrase2" >pass2 && echo "$export_phrase" >pass3
mkdir watch

# Everything that is printed, by every command, is kept: it is what lands in logs.
mkdir outputs
run=0
logged() {
	run=$((run + 1))
	"$@" >"outputs/$run.out" 2>"outputs/$run.err" </dev/null || die "$* ($(cat "outputs/$run.err"))"
}
# It may fail: its errors are what is of interest.
noted() {
	run=$((run + 1))
	"$@" >"outputs/$run.out" 2>"outputs/$run.err" </dev/null || true
}
last_id() { sed -nE 's/^ {6}"id": "([0-9a-f]{64})".*/\1/p' "outputs/$run.out"; }

init_options=(--passphrase-file "$place/pass")
export REGESTA_PASSPHRASE=$passphrase
new_ledger
logged regesta key new clinic/dm1 --roles data-manager --request dm1.request --passphrase-file pass2
logged regesta actor enrol dm1.request
logged regesta actor assign clinic/dm1 --study rare-01 --site s1 --role data-manager
logged regesta participant enrol --study rare-01 --site s1 "$number" "$number2"
mkdir "$folder"
echo "$content" >"$folder/$file"
echo "$content 2" >"$folder/second-$file"
printf 'file,participant,category,collected\n%s,%s,laboratory,2026-02\n' "$folder/$file" "$number2" >"$manifest_name"
echo "$reason" >reason-text

logged regesta submit "$folder" --study rare-01 --participant "$number" --receipt receipt --json
first=$(last_id)
logged regesta submit --manifest "$manifest_name" --study rare-01
run=$((run + 1))
echo "$content on stdin" | regesta submit - --name "$stdin_name" --study rare-01 >"outputs/$run.out" 2>"outputs/$run.err" || die "stdin"
logged regesta derive "$folder/$file" --study rare-01 --from "$first#0" --participant "$number" --json
logged regesta correct "$first#1" "$folder/$file" --participant "$number" --reason wrong-file --reason-text reason-text --json
logged regesta dataset freeze "$first#0" --study rare-01 --name "$dataset"
logged regesta attest "$first#0"
logged regesta register grant clinic/dm1
noted regesta participant enrol --study rare-01 --site s1 "$number" --dry-run --as clinic/nobody --home absent
# Asked by somebody who does not ask for names, and refused in every way that comes to mind.
logged regesta log
logged regesta log --json
logged regesta show "$first"
logged regesta show "$first" --json
logged regesta list items
logged regesta history "$first#0"
logged regesta lineage "$first#0" --svg lineage.svg --json
noted regesta submit "$folder" --study rare-01 --participant "$number-unknown"
noted regesta participant enrol --study rare-01 --site s1 "$number"
noted regesta participant enrol --study nope --site s1 "$number"
noted regesta submit "$folder" --study rare-01 --as clinic/dm1 --passphrase-file pass3
noted regesta history "$number-unknown" --participant --study rare-01
noted regesta prove trail "$number-unknown" --study rare-01 --output x
# ---- Evidence and copies
logged regesta policy --output policy
logged regesta checkpoint --output checkpoint
logged regesta prove trail "$number" --study rare-01 --output trail
logged regesta prove state study rare-01 --output state
for f in receipt trail state checkpoint; do logged regesta verify "$f" --policy policy; done
logged regesta audit
logged regesta tiles tiles
logged regesta tiles public-tiles --public
logged regesta backup backup
logged regesta payload export "$first#0" --output item.car
logged regesta register export --output register.export --passphrase-file pass
logged regesta list actors

# ---- The keys as bytes, from the key files: public parts may be everywhere, private parts nowhere
keep=() # DER of PKCS#8: the private key is the last OCTET STRING
for pem in "$REGESTA_HOME"/keys/*.pem "$REGESTA_HOME"/ledgers/*/*.pem; do
	pass=$passphrase
	[ "$(basename "$pem")" = clinic~dm1.pem ] && pass=$passphrase2
	csplit -sz -f "watch/$(basename "$pem")." "$pem" '/-----BEGIN/' '{*}'
	for part in "watch/$(basename "$pem")".*; do
		grep -q -e '-----BEGIN' "$part" || continue
		PASS=$pass openssl pkey -in "$part" -passin env:PASS -outform DER -out "$part.der" 2>/dev/null || continue
		text=$(PASS=$pass openssl pkey -in "$part" -passin env:PASS -noout -text 2>/dev/null | sed -n '/priv:/,/pub:/p' | grep -E '^ ' | tr -d ' :\n')
		[ "${#text}" -eq 64 ] && keep+=("$text")
	done
done
rm -rf watch
[ "${#keep[@]}" -ge 7 ] || die "only ${#keep[@]} private keys could be read from the key files"

# What is searched for: bytes in hexadecimal, one secret a line.
hex() { od -An -v -tx1 | tr -d ' \n'; }
secrets() {
	local text
	for text in "$number" "$number2" "PATIENT-4711" "$file" "$folder" "$content" "$reason" "$dataset" "$stdin_name" "$passphrase" \
		"$passphrase2" "$export_phrase" Quetzalcoatl Xylophonspieler Tlaxcala Popocatepetl; do
		printf '%s' "$text" | hex
		echo
		printf '%s' "$text" | sed 's/./&\x00/g' | hex
		echo
		printf '%s' "$text" | hex | tr -d '\n' | hex
		echo
		# base64 at each of three alignments, without the characters that neighbours change
		for pad in '' x xx; do
			printf '%s' "$pad$text" | base64 -w0 | tr -d = | cut -c "$((${#pad} == 0 ? 1 : ${#pad} + 2))-" | sed 's/.$//' | tr -d '\n' | hex
			echo
		done
	done
	for text in "${keep[@]}"; do
		echo "$text"
		printf '%s' "$text" | hex
		echo
		printf '%s' "$text" | tr a-f A-F | hex
		echo
		printf '%s' "$text" | sed 's/../\\x&/g' | xargs -0 printf '%b' | base64 -w0 | tr -d = | sed 's/.$//' | tr -d '\n' | hex
		echo
	done
}
secrets | grep . | sort -u >needles
ok "$(grep -c '' needles) forms of $((16 + ${#keep[@]})) secrets"
# FILE: prints those needles that are in it.
search() { hex <"$1" >.haystack; grep -oFf needles .haystack | sort -u; }
# The search itself finds what is there: in a file that holds each.
printf '%s' "$content" >planted && printf '%s' "$number" | sed 's/./&\x00/g' >>planted
[ "$(search planted | grep -c '')" -ge 2 ] || die "the search does not find what was planted"
printf 'xx%s' "$reason" | base64 >planted
[ -n "$(search planted)" ] || die "the search does not find base64"
ok "the search finds what was planted"

clean() { # NAME PATH...
	local name=$1 found count=0
	shift
	while IFS= read -r -d '' path; do
		found=$(search "$path")
		[ -z "$found" ] || die "$name: $path holds $found"
		count=$((count + 1))
		find "$path" -printf '%f' | grep -E 'Quetzal|PATIENT|Nepomuk|Ixtacc|Chimbo' >/dev/null && die "$name: the name of $path"
	done < <(find "$@" -type f -print0)
	[ "$count" -gt 0 ] || die "$name: no file"
	ok "$name: none of them ($count files)"
}
clean "the ledger's folder" "$REGESTA_LEDGER"
clean "the backup" backup
clean "tiles" tiles public-tiles
clean "receipt, trail, state, checkpoint, policy, picture" receipt trail state checkpoint policy lineage.svg
clean "an exported payload" item.car
clean "the exported register" register.export
clean "the enrolment request" dm1.request
clean "the register and the record of what was signed" "$REGESTA_HOME"/ledgers/*/register-clinic "$REGESTA_HOME"/ledgers/*/signed
clean "key files" "$REGESTA_HOME"/keys "$REGESTA_HOME"/ledgers/*/node.pem "$REGESTA_HOME"/ledgers/*/recovery-clinic.pem
[ -z "$(find "$REGESTA_HOME"/ledgers/*/journal -type f 2>/dev/null)" ] || die "a journal was left"
ok "no journal is left"
# An error names the file that the command line named, and nothing of what is in it: those two names are not searched there.
for name in "$file" "$folder" Quetzalcoatl; do printf '%s' "$name" | hex; echo; done >named
grep -vxFf named needles >needles.outputs
mv needles needles.all && mv needles.outputs needles
clean "outputs and errors of $run commands" outputs
mv needles.all needles

# ---- Names and numbers are there for who may see them
works "who holds the register sees the number" regesta participant list
grep -q "$number" "$out" || die "the register lacks the number"
works "who holds the key sees the names" regesta open "$first" --names
grep -q "$file" "$out" || die "the names are not shown"

# ---- Files and processes
bad=$(find "$REGESTA_HOME" -perm /077 -print)
[ -z "$bad" ] || die "others may read $bad"
ok "nobody else may read anything of the home"
head -c 100000000 /dev/zero >long
regesta submit long --study rare-01 --participant "$number2" --passphrase-file pass >"$out" 2>"$err" </dev/null &
pid=$!
sleep 0.15
if limits=$(grep -a 'core file size' "/proc/$pid/limits" 2>/dev/null); then
	grep -qE 'core file size +0 +0' <<<"$limits" || die "core dumps are possible: $limits"
	ok "core dumps are off"
	tr '\0' '\n' <"/proc/$pid/cmdline" >cmdline 2>/dev/null
	grep -qF -e "$passphrase" cmdline && die "the passphrase is in the arguments"
	ok "no passphrase in the arguments"
	[ "$(stat -c %u "/proc/$pid/mem" 2>/dev/null)" = 0 ] || die "others may read the memory"
	ok "the memory belongs to root alone: not dumpable"
	[ -z "$(cat "/proc/$pid/task/$pid/children" 2>/dev/null)" ] || die "it has children"
	ok "no child processes, which would inherit the environment"
else
	echo "skipped looking at the process: it ended too soon, or there is no /proc"
fi
wait "$pid" || die "submission of the long file"
audit_clean "all this"
