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

# ---- No payloads
echo secret >why.txt
fails 2 "takes no files or sealed texts" "a sealed text offline" regesta study amend rare-01 --site "s9=clinic" --reason other --reason-text why.txt --offline
audit_clean "the outbox"
