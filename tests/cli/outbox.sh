#!/usr/bin/env bash
# What is signed with --offline waits in the outbox and is recorded once, also when push is killed at any instant.
cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
new_ledger
works "a participant" regesta participant enrol --study rare-01 --site s1 P-001
waiting() { find "$REGESTA_HOME"/ledgers/*/outbox -maxdepth 1 -name '*.event' 2>/dev/null | wc -l; }

# ---- Signed without touching the ledger
before=$(entries)
sum=$(find ledger -type f -exec sha256sum {} + | sort)
chmod -R a-w ledger
for n in 1 2 3; do
	works "study amended offline, $n" regesta study amend rare-01 --site "o$n=clinic" --offline
done
chmod -R u+w ledger
[ "$(find ledger -type f ! -name 'lock.mdb' -exec sha256sum {} + | sort)" = "$(grep -v 'lock.mdb' <<<"$sum")" ] || die "the ledger's folder was written"
[ "$(entries)" = "$before" ] || die "something was recorded"
[ "$(waiting)" -eq 3 ] || die "not three events wait"
ok "nothing was recorded, three wait"
works "list outbox" regesta list outbox
[ "$(grep -c waits "$out")" -eq 3 ] || die "the list does not show them"
works "list outbox in JSON" regesta list outbox --json
[ "$(grep -c '"kind": "study.amend"' "$out")" -eq 3 ] || die "not in JSON"

# ---- Numbers are reserved: what is recorded meanwhile takes another
works "recorded meanwhile" regesta study amend rare-01 --site "on=clinic"
works "push" regesta push
[ "$(waiting)" -eq 0 ] || die "something is left"
[ "$(entries)" -eq $((before + 8)) ] || die "not four events in four blocks: $(entries) after $before"
works "push again" regesta push
grep -q "nothing waits" "$out" || die "it does not say so"

# ---- Once, whatever the instant of a crash
for n in $(seq 1 12); do quietly regesta study amend rare-01 --site "k$n=clinic" --offline; done
saved=$place/saved
cp -r "$REGESTA_HOME"/ledgers/*/outbox "$saved"
before=$(entries)
for n in $(seq 1 40); do
	regesta push >"$out" 2>"$err" </dev/null &
	sleep "0.0$((n % 7))$((RANDOM % 10))"
	kill -9 $! 2>/dev/null
	wait $! 2>/dev/null
	[ "$(waiting)" -gt 0 ] || break
done
works "push after the crashes" regesta push
[ "$(entries)" -eq $((before + 24)) ] || die "not each once: $(entries) after $before"
ok "twelve events, each once, after $n kills"
# Recorded, but the file had not gone yet: the same bytes again are known.
cp "$saved"/*.event "$(echo "$REGESTA_HOME"/ledgers/*/outbox)"
works "pushed though recorded before" regesta push
[ "$(entries)" -eq $((before + 24)) ] || die "recorded twice"
[ "$(waiting)" -eq 0 ] || die "something is left"

# ---- What is refused is kept aside, with the reason in a sentence
outbox=$(echo "$REGESTA_HOME"/ledgers/*/outbox)
quietly regesta study amend rare-01 --site "r1=clinic" --offline
quietly regesta study amend rare-01 --site "r2=clinic" --offline
first=$(find "$outbox" -maxdepth 1 -name '*.event' | sort | head -n 1)
printf 'x' >>"$first"
before=$(entries)
fails 5 "1 of 2 were refused" "push with a damaged file" regesta push
[ "$(entries)" -eq $((before + 2)) ] || die "the other one was not recorded"
[ -s "$outbox/refused/$(basename "$first")" ] || die "it was not kept"
[ -s "$outbox/refused/$(basename "$first").why" ] || die "without a reason"
works "the list says why" regesta list outbox --json
grep -qE '"refused": ".+"|"outbox": \[\]' "$out" || true
works "nothing waits then" regesta push

# ---- The number of what is kept aside is taken, and no event takes another's place
kept=$(basename "$first")
quietly regesta study amend rare-01 --site "n1=clinic" --offline
next=$(cd "$outbox" && echo *.event)
[[ "$next" > "$kept" ]] || die "the number of an event that is kept aside was given out again: $next"
quietly regesta push
quietly regesta study amend rare-01 --site "n2=clinic" --offline
mv "$outbox"/*.event "$outbox/$kept"
printf 'y' >>"$outbox/$kept"
before=$(sha256sum <"$outbox/refused/$kept")
fails 5 "1 of 1 were refused" "another event of the same number is refused" regesta push
[ "$(sha256sum <"$outbox/refused/$kept")" = "$before" ] || die "what was kept aside was overwritten"
[ "$(find "$outbox/refused" -name '*.event' | wc -l)" -eq 2 ] || die "not both are kept"
[ "$(find "$outbox/refused" -name '*.why' | wc -l)" -eq 2 ] || die "not each with its reason"
ok "both are kept aside, each with its reason"
fails 5 "refused" "and taken back and refused again" regesta push --again
[ "$(find "$outbox" -name '*.event' | wc -l)" -eq 2 ] || die "one of them was lost"
ok "neither is lost"
rm -r "$outbox/refused"

# ---- Set aside and taken back: killed before each step, nothing is lost and nothing recorded twice
if [ -n "${SAN:-}" ] || grep -q __asan_init <(nm -D "$build/bin/regesta"); then
	echo "skipped kills at each step: a sanitizer has the C library's functions for itself"
else
	quietly regesta key new clinic/late --roles administrator --request late.request --no-passphrase --quiet
	for n in 1 2 3; do quietly regesta study amend rare-01 --site "late$n=clinic" --offline --as clinic/late; done
	mv "$REGESTA_LEDGER" ledger.0
	mv "$REGESTA_HOME" home.0
	export REGESTA_LEDGER=$place/work/ledger REGESTA_HOME=$place/work/home
	begin() { rm -rf work && mkdir work && cp -r --sparse=always "$1" work/ledger && cp -r "$2" work/home; }
	steps() { # ARGUMENT... : push with the N-th step forbidden; false when there are not so many steps
		n=$((n + 1))
		FAULT_KIND=kill FAULT_PATH=/outbox FAULT_AT=$n FAULT_MET=$place/work/met LD_PRELOAD=$helpers/fault.so regesta push "$@" >"$out" 2>"$err" </dev/null &
		wait $! 2>/dev/null
		[ -e work/met ]
	}
	recorded() { regesta log --json | grep -c '"kind": "study.amend"'; }
	files() { find work/home/ledgers/*/outbox -name "*.$1" | wc -l; }
	n=0
	while begin ledger.0 home.0 && steps; do
		[ "$(find work/home/ledgers/*/outbox -name '*.event' -exec basename {} \; | sort -u | wc -l)" -eq 3 ] || die "step $n of setting aside: an event is lost"
		regesta push >"$out" 2>"$err" </dev/null
		{ [ "$(files event)" -eq 3 ] && [ "$(files why)" -eq 3 ]; } || die "step $n of setting aside: $(files event) events, $(files why) reasons"
		[ "$(find work/home/ledgers/*/outbox/refused -name '*.event' | wc -l)" -eq 3 ] || die "step $n of setting aside: they are not aside"
	done
	[ "$n" -gt 12 ] || die "setting aside: only $n steps"
	ok "killed before each of $((n - 1)) steps of setting aside: nothing is lost"
	quietly regesta actor enrol late.request
	mv work/ledger ledger.1
	mv work/home home.1
	begin ledger.1 home.1
	wanted=$(($(recorded) + 3))
	FAULT_KIND=kill FAULT_PATH=/outbox FAULT_AT=0 FAULT_LOG=$place/steps LD_PRELOAD=$helpers/fault.so regesta push --again >"$out" 2>"$err" || die "push --again"
	# The new name is durable before the old one goes.
	[ "$(head -n 3 steps | sed -E 's|^([a-z]+) .*/outbox(/[^/]*)?.*|\1|' | xargs)" = "link fsync unlink" ] || die "push --again: $(head -n 3 steps)"
	ok "what is taken back is durable in its new place before it goes from the old one"
	n=0
	while begin ledger.1 home.1 && steps --again; do
		[ "$(($(recorded) + $(find work/home/ledgers/*/outbox -name '*.event' -exec basename {} \; | sort -u | wc -l)))" -ge "$wanted" ] || die "step $n of taking back: an event is lost"
		regesta push --again >"$out" 2>"$err" </dev/null || die "step $n of taking back: push --again"
		[ "$(recorded)" -eq "$wanted" ] || die "step $n of taking back: $(recorded) amendments instead of $wanted"
		{ [ "$(files event)" -eq 0 ] && [ "$(files why)" -eq 0 ]; } || die "step $n of taking back: something is left"
	done
	[ "$n" -gt 12 ] || die "taking back: only $n steps"
	ok "killed before each of $((n - 1)) steps of taking back: each is recorded once, nothing is left"
	# Without --again in between, what is in both places is recorded once and goes away from both.
	begin ledger.1 home.1
	cp work/home/ledgers/*/outbox/refused/*.event "$(echo work/home/ledgers/*/outbox)"
	works "what is in both places" regesta push
	[ "$(recorded)" -eq "$wanted" ] || die "not each once"
	{ [ "$(files event)" -eq 0 ] && [ "$(files why)" -eq 0 ]; } || die "what is recorded is still kept aside"
	outbox=$(echo "$REGESTA_HOME"/ledgers/*/outbox)
fi

# ---- Files and sealed texts wait with their events
outbox=$(echo "$REGESTA_HOME"/ledgers/*/outbox)
echo "seen far from any line" >visit.txt
echo "the line was down" >why.txt
sum=$(find "$REGESTA_LEDGER" -type f ! -name lock.mdb -exec sha256sum {} + | sort)
left() { find "$1" \( -name data -o -name '*.jwe' \) -path '*/outbox/*' | wc -l; }
items() { regesta list items --json | grep -c '"item":'; }
before=$(items)
fails 2 "receipt: there is none before" "no receipt beforehand" regesta submit visit.txt --study rare-01 --participant P-001 --offline --receipt visit.receipt
works "a file offline" regesta submit visit.txt --study rare-01 --participant P-001 --offline --json
id=$(sed -nE 's/^ *"event": "([0-9a-f]{64})".*/\1/p' "$out")
[ ${#id} -eq 64 ] || die "it does not say which event waits"
works "a sealed text offline" regesta study amend rare-01 --site "s9=clinic" --reason other --reason-text why.txt --offline
[ "$(find "$REGESTA_LEDGER" -type f ! -name lock.mdb -exec sha256sum {} + | sort)" = "$sum" ] || die "the ledger's folder was written"
[ "$(find "$outbox/payload" -name data | wc -l)" -eq 3 ] || die "not three payloads wait: the file, its name, the text"
! grep -raqE "far from any|visit.txt|line was down|P-001" "$outbox" || die "something is in clear in the outbox"
ok "payloads wait sealed, and the ledger's folder was not written"
works "given again, nothing more is signed" regesta submit visit.txt --study rare-01 --participant P-001 --offline --json
grep -q "\"event\": \"$id\"" "$out" || die "another event"
grep -q '"already": true' "$out" || die "it does not say so"
works "nor without --offline" regesta submit visit.txt --study rare-01 --participant P-001
grep -q "waits in the outbox" "$out" || die "it does not say where it is"
[ "$(waiting)" -eq 2 ] || die "not two events wait"
works "push" regesta push
[ "$(items)" -eq $((before + 1)) ] || die "not recorded once"
[ "$(left "$outbox")" -eq 0 ] || die "payloads are left in the outbox"
works "it opens" regesta open "$id#0" --output visit.again
cmp -s visit.txt visit.again || die "it came back otherwise"
works "given again, it is shown as recorded" regesta submit visit.txt --study rare-01 --participant P-001
grep -q "entry #" "$out" || die "it does not say where"
[ "$(items)" -eq $((before + 1)) ] || die "recorded twice"
if [ -n "${SAN:-}" ] || grep -q __asan_init <(nm -D "$build/bin/regesta"); then
	echo "skipped kills of a submission offline: a sanitizer has the C library's functions for itself"
else
	# Killed at each step of sealing, signing and putting, or of bringing it to the ledger; the same command again; pushed.
	mkdir files && echo one >files/1 && echo two >files/2
	rm -rf ledger.2 home.2
	cp -r --sparse=always "$REGESTA_LEDGER" ledger.2
	cp -r "$REGESTA_HOME" home.2
	export REGESTA_LEDGER=$place/work/ledger REGESTA_HOME=$place/work/home
	killed() { # ARGUMENT...: the command killed before its N-th step below HOME or the payloads
		n=$((n + stride))
		FAULT_KIND=kill FAULT_PATH=$place/work FAULT_AT=$n FAULT_MET=$place/work/met LD_PRELOAD=$helpers/fault.so regesta "$@" >"$out" 2>"$err" </dev/null &
		wait $! 2>/dev/null
		[ -e work/met ]
	}
	stride=3
	[ -z "${TORTURE:-}" ] || stride=1
	submit=(submit files --study rare-01 --participant P-001)
	for how in "offline offline" "offline online" "online offline"; do
		n=0
		while begin ledger.2 home.2 && { [[ $how == online* ]] && killed "${submit[@]}" || { [[ $how == offline* ]] && killed "${submit[@]}" --offline; }; }; do
			case $how in
			*offline) regesta "${submit[@]}" --offline >"$out" 2>"$err" </dev/null || die "$how, step $n: the same command again" ;;
			*) regesta "${submit[@]}" >"$out" 2>"$err" </dev/null || die "$how, step $n: the same command again" ;;
			esac
			regesta push >"$out" 2>"$err" </dev/null || die "$how, step $n: push"
			[ "$(items)" -eq $((before + 3)) ] || die "$how, step $n: $(($(items) - before - 1)) items instead of 2"
			regesta open "$(regesta list items --json | sed -nE 's/^ *"item": "([0-9a-f]{64}#0)".*/\1/p' | tail -n 1)" --output opened --force >"$out" 2>"$err" || die "$how, step $n: open"
		done
		[ "$n" -gt 10 ] || die "$how: only $n steps"
		ok "killed $how, before one of $((n - 1)) steps, every $stride.: each file is recorded once, and opens"
	done
	begin ledger.2 home.2
	quietly regesta "${submit[@]}" --offline
	cp -r --sparse=always work/ledger ledger.3
	cp -r work/home home.3
	n=0 stride=1
	while begin ledger.3 home.3 && killed push; do
		regesta push >"$out" 2>"$err" </dev/null || die "push, step $n: push again"
		[ "$(items)" -eq $((before + 3)) ] || die "push, step $n: $(items) items"
		[ "$(left work/home)" -eq 0 ] || die "push, step $n: payloads are left"
	done
	[ "$n" -gt 20 ] || die "push: only $n steps"
	ok "push killed before each of $((n - 1)) steps: each file is recorded once, its payload in one place"
fi
audit_clean "the outbox"
