#!/usr/bin/env bash
# Tiles and checkpoint: the whole log rebuilt with golang.org/x/mod/sumdb/tlog, with entries and without; then
# Tessera's fsck. fsck blocks for ever on some damaged logs and exits 0 on others, so it gets a deadline and its
# success is read from what it prints.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
program=$(judge_go_program tiles)
fsck=$(judge_go_command github.com/transparency-dev/tessera/cmd/fsck "$TESSERA")

tessera() { # FOLDER POLICY SECONDS
	awk '$1 == "log" { print $2; exit }' "$2" >"$WORK/vkey"
	timeout "$3" "$fsck" --storage_url="file://$1/" --public_key="$WORK/vkey" --origin="$(cut -d+ -f1 "$WORK/vkey")" --ui=false \
		>"$WORK/fsck.log" 2>&1 || true
	grep -q "Successfully fsck'd log" "$WORK/fsck.log"
}

count=0 damaged=0
for log in "$SAMPLES"/log-*; do
	[ -e "$log/tiles/checkpoint" ] || continue
	"$program" "$log/tiles" "$log/policy" || judge_fails "$log/tiles does not rebuild"
	tessera "$log/tiles" "$log/policy" 60 || { cat "$WORK/fsck.log" >&2; judge_fails "fsck refused $log/tiles"; }
	rm -rf "$WORK/public"
	cp -r "$log/tiles" "$WORK/public"
	rm -rf "$WORK/public/tile/entries"
	"$program" -public "$WORK/public" "$log/policy" || judge_fails "$log/tiles without entries does not verify"
	count=$((count + 1))

	# A byte of every file, one file at a time.
	rm -rf "$WORK/copy"
	cp -r "$log/tiles" "$WORK/copy"
	while IFS= read -r file; do
		cp "$log/tiles/$file" "$WORK/saved"
		damage "$WORK/copy/$file" $(($(stat -c %s "$WORK/saved") / 2))
		if "$program" "$WORK/copy" "$log/policy" 2>"$WORK/why"; then
			judge_fails "accepted $log/tiles with $file damaged"
		fi
		damaged=$((damaged + 1))
		cp "$WORK/saved" "$WORK/copy/$file"
	done < <(cd "$log/tiles" && find ./tile -type f | sort)
	# Origin, size, root, and the log's signature; cosignatures are the business of judge_receipt.
	for line in 1 2 3 5; do
		damage_line "$WORK/copy/checkpoint" "$line"
		if "$program" "$WORK/copy" "$log/policy" 2>"$WORK/why"; then
			judge_fails "accepted $log/tiles with line $line of its checkpoint damaged"
		fi
		damaged=$((damaged + 1))
		cp "$log/tiles/checkpoint" "$WORK/copy/checkpoint"
	done
	"$program" "$WORK/copy" "$log/policy" || judge_fails "the restored copy does not rebuild"
	# The last bundle cut, damaged in its last entry, missing.
	file=$(cd "$log/tiles" && find ./tile/entries -type f | sort | tail -n 1)
	truncate -s -1 "$WORK/copy/$file"
	if "$program" "$WORK/copy" "$log/policy" 2>"$WORK/why"; then judge_fails "accepted $log/tiles with $file cut"; fi
	if tessera "$WORK/copy" "$log/policy" 20; then judge_fails "fsck accepted $log/tiles with $file cut"; fi
	cp "$log/tiles/$file" "$WORK/copy/$file"
	damage "$WORK/copy/$file" -1
	if tessera "$WORK/copy" "$log/policy" 20; then judge_fails "fsck accepted $log/tiles with $file damaged"; fi
	rm "$WORK/copy/$file"
	if "$program" "$WORK/copy" "$log/policy" 2>"$WORK/why"; then judge_fails "accepted $log/tiles without $file"; fi
done
[ "$count" -gt 0 ] || judge_fails "there are no tiles to judge"
judge_says "$count logs as tiles (sumdb/tlog and Tessera's fsck)" "each with any file damaged ($damaged copies)"
