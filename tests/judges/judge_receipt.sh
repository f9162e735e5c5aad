#!/usr/bin/env bash
# A receipt, with github.com/transparency-dev/formats (tlog-proof, cosignatures, policy) and
# golang.org/x/mod/sumdb (note, tlog). The entry comes from the log's bundles, as a third party would fetch it.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
program=$(judge_go_program receipt)
count=0 damaged=0
for log in "$SAMPLES"/log-*; do
	for receipt in "$log"/receipts/*.tlog-proof; do
		[ -e "$receipt" ] || continue
		"$program" "$log/tiles" "$log/policy" "$receipt" || judge_fails "refused $receipt"
		count=$((count + 1))
		# One byte in every line but the separating ones. The large extra of big entries is one line.
		lines=$(wc -l <"$receipt")
		for ((line = 1; line <= lines; line++)); do
			[ -n "$(sed -n "${line}p" "$receipt" | head -c 1)" ] || continue
			cp "$receipt" "$WORK/damaged.tlog-proof"
			damage_line "$WORK/damaged.tlog-proof" "$line"
			if "$program" "$log/tiles" "$log/policy" "$WORK/damaged.tlog-proof" 2>"$WORK/why"; then
				judge_fails "accepted $receipt with line $line damaged"
			fi
			damaged=$((damaged + 1))
		done
	done
done
[ "$count" -gt 0 ] || judge_fails "there are no receipts to judge"
judge_says "$count receipts" "each damaged in any of its lines ($damaged copies)"
