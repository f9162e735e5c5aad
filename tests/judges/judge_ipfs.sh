#!/usr/bin/env bash
# CIDs of files and folders, and payloads as CAR, with boxo (the library that Kubo is made of) and go-car, and with the
# JavaScript importer and @ipld/car.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
boxo=$(judge_go_program ipfs)
node=$(judge_node_folder)/node
npm=$(judge_npm)
[ -e "$SAMPLES/command/items" ] || judge_fails "there are no payloads of the command to judge"
: "${REGESTA:?}"
js() { "$node" "$npm/ipfs.mjs" "$@"; }

# Sizes on both sides of a leaf's edge, and several leaves; the stream is the same on every run.
sizes=(0 1 1048575 1048576 1048577 5242880)
python3 - "$WORK" "${sizes[@]}" <<-'PYTHON'
	import hashlib, sys
	for size in sys.argv[2:]:
	    with open(f"{sys.argv[1]}/{size}", "wb") as file:
	        file.write(hashlib.shake_128(b"regesta-judge").digest(int(size)))
PYTHON
mkdir -p "$WORK/folder/sub/empty"
cp "$WORK/1048577" "$WORK/folder/large"
cp "$WORK/1" "$WORK/folder/sub/one"
cp "$WORK/0" "$WORK/folder/sub/nothing"
# A name that sorts otherwise by code points than by bytes of UTF-16.
printf 'x' >"$WORK/folder/sub/ä z"
# And one with so many names that it becomes a HAMT.
mkdir "$WORK/many"
for ((i = 0; i < 5000; i++)); do printf '%s' "$i" >"$WORK/many/file-with-a-longer-name-$i"; done

count=0 damaged=0
for path in "${sizes[@]/#/$WORK/}" "$WORK/folder" "$WORK/many"; do
	cid=$("$REGESTA" cid "$path" | cut -d' ' -f1)
	"$boxo" cid "$cid" "$path" || judge_fails "boxo has another CID for $(basename "$path")"
	js cid "$cid" "$path" || judge_fails "the JavaScript importer has another CID for $(basename "$path")"
	count=$((count + 1))
	case $path in
	*/0) printf 'x' >"$path" ;;
	*/folder) damage "$path/sub/one" 0 ;;
	*/many) damage "$path/file-with-a-longer-name-4711" 0 ;;
	*) damage "$path" -1 ;;
	esac
	if "$boxo" cid "$cid" "$path" 2>"$WORK/why"; then judge_fails "boxo gives the damaged $(basename "$path") the same CID"; fi
	if js cid "$cid" "$path" 2>"$WORK/why"; then judge_fails "the JavaScript importer gives the damaged $(basename "$path") the same CID"; fi
	damaged=$((damaged + 1))
done

cars=0
export REGESTA_HOME=$SAMPLES/command/home REGESTA_LEDGER=$SAMPLES/command/ledger
while read -r cid name; do
	sealed=$(find "$REGESTA_LEDGER/payload" -path "*/$cid/data")
	"$REGESTA" payload export "$cid" --output "$WORK/car" --quiet >"$WORK/said" 2>&1 || judge_fails "$name is not exported: $(cat "$WORK/said")"
	"$boxo" car "$cid" "$WORK/car" "$sealed" || judge_fails "boxo does not read the CAR of $name"
	js car "$cid" "$WORK/car" "$sealed" || judge_fails "@ipld/car does not read the CAR of $name"
	cars=$((cars + 1))
	# The header's root, the first block's CID and content, the end.
	for offset in 30 62 -1; do
		cp "$WORK/car" "$WORK/damaged"
		damage "$WORK/damaged" "$offset"
		if "$boxo" car "$cid" "$WORK/damaged" "$sealed" 2>"$WORK/why"; then judge_fails "boxo reads the CAR of $name with byte $offset damaged"; fi
		if js car "$cid" "$WORK/damaged" "$sealed" 2>"$WORK/why"; then judge_fails "@ipld/car reads the CAR of $name with byte $offset damaged"; fi
		damaged=$((damaged + 1))
	done
	rm -f "$WORK/car"
done <"$SAMPLES/command/items"
judge_says "$count CIDs of files and folders and $cars CARs of payloads with boxo and with the JavaScript importer and @ipld/car" "$damaged damaged copies"
