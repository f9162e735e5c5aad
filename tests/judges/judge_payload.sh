#!/usr/bin/env bash
# Sealed payloads with Tink, as AES256_GCM_HKDF_1MB under the key that jose takes from the JWE; then the frame: length, data, padding.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
tink=$(judge_go_program sealed)
node=$(judge_node_folder)/node
npm=$(judge_npm)
[ -e "$SAMPLES/command/items" ] || judge_fails "there are no payloads of the command to judge"
: "${REGESTA:?}"
ledger=$("$REGESTA" show ledger --json --ledger "$SAMPLES/command/ledger" | sed -nE 's/^ *"ledger": "([0-9a-f]{64})".*/\1/p')
"$node" "$npm/jwe.mjs" open "$SAMPLES/command/home" "$SAMPLES/command/ledger" >"$WORK/keys" || judge_fails "jose does not open the keys"
count=0 damaged=0
refuses() { # WHY KEY STUDY ORGANISATION SEALED FILE
	local why=$1
	shift
	if "$tink" "$1" "$ledger" "$2" "$3" "$4" "$5" 2>"$WORK/why"; then judge_fails "Tink opens $5 with $why"; fi
	damaged=$((damaged + 1))
}
while read -r cid name; do
	sealed=$(find "$SAMPLES/command/ledger/payload" -path "*/$cid/data")
	plain=$SAMPLES/command/plain/$name
	key=$(grep "^$cid " "$WORK/keys" | head -n 1 | cut -d' ' -f3)
	"$tink" "$key" "$ledger" cohort clinic "$sealed" "$plain" || judge_fails "Tink does not open $name"
	count=$((count + 1))
	refuses "another key" "$(tr '0-9a-f' '1-9a-f0' <<<"$key")" cohort clinic "$sealed" "$plain"
	refuses "another study" "$key" cohort2 clinic "$sealed" "$plain"
	refuses "no study" "$key" "" clinic "$sealed" "$plain"
	refuses "another organisation" "$key" cohort clinic2 "$sealed" "$plain"
	# Header, salt, nonce prefix, first byte of the first segment, last tag.
	for offset in 0 1 33 40 -1; do
		cp "$sealed" "$WORK/damaged"
		damage "$WORK/damaged" "$offset"
		refuses "byte $offset damaged" "$key" cohort clinic "$WORK/damaged" "$plain"
	done
	size=$(stat -c %s "$sealed")
	# Cut by a byte, and where there are two segments, behind the first.
	head -c $((size > 1048576 ? 1048576 : size - 1)) "$sealed" >"$WORK/damaged"
	refuses "the end cut off" "$key" cohort clinic "$WORK/damaged" "$plain"
done <"$SAMPLES/command/items"
judge_says "$count payloads with tink-go" "$damaged copies that are damaged or opened in another context"
