#!/usr/bin/env bash
# The keys of payloads: each JWE opened with jose and with jwcrypto by the recipient's key from the identity file; and the other
# way round, a key that jose and jwcrypto sealed, with which the command opens the payload.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
python=$(judge_python "${PYTHON_PACKAGES[@]}")/bin/python
node=$(judge_node_folder)/node
npm=$(judge_npm)
[ -e "$SAMPLES/command/items" ] || judge_fails "there are no payloads of the command to judge"
: "${REGESTA:?}"
home=$SAMPLES/command/home
js() { "$node" "$npm/jwe.mjs" "$@"; }
py() { "$python" "$(dirname "$0")/python/jwe.py" "$@"; }

js open "$home" "$SAMPLES/command/ledger" | sort >"$WORK/jose" || judge_fails "jose does not open what it should, and nothing else"
py open "$home" "$SAMPLES/command/ledger" | sort >"$WORK/jwcrypto" || judge_fails "jwcrypto does not open what it should, and nothing else"
diff "$WORK/jose" "$WORK/jwcrypto" >&2 || judge_fails "jose and jwcrypto find different keys"
count=$(wc -l <"$WORK/jose")
[ "$count" -gt 0 ] || judge_fails "there are no JWEs to judge"
# The author's and the recovery key's JWE of a payload hold the same key.
[ "$(cut -d' ' -f1,3 "$WORK/jose" | sort -u | wc -l)" -eq "$(cut -d' ' -f1 "$WORK/jose" | sort -u | wc -l)" ] ||
	judge_fails "two JWEs of one payload hold different keys"

read -r cid name < <(grep ' visit.csv$' "$SAMPLES/command/items")
key=$(grep "^$cid " "$WORK/jose" | head -n 1 | cut -d' ' -f3)
identity=$home/keys/clinic~admin.pem
cp -r "$SAMPLES/command/ledger" "$WORK/ledger"
keys=$(find "$WORK/ledger/payload" -path "*/$cid/keys")
kid=$(py seal "$identity" "$key" | cut -d. -f1 | python3 -c '
import base64, json, sys
text = sys.stdin.read()
print(json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))["kid"])')
opens() { REGESTA_HOME=$home REGESTA_LEDGER=$WORK/ledger "$REGESTA" open "$cid" --output "$WORK/opened" --force --quiet >"$WORK/said" 2>&1; }
for maker in js py; do
	rm -f "$keys"/*
	"$maker" seal "$identity" "$key" >"$keys/$kid.jwe"
	opens || judge_fails "the command does not open what $maker sealed: $(cat "$WORK/said")"
	cmp "$WORK/opened" "$SAMPLES/command/plain/$name" || judge_fails "the command opens something else"
	damage "$keys/$kid.jwe" -30
	if opens; then judge_fails "the command opens what $maker sealed when it is damaged"; fi
done
judge_says "$count JWEs with jose and with jwcrypto, and theirs with the command" "each with other keys and damaged in any part"
