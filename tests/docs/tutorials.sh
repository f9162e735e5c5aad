#!/usr/bin/env bash
# Runs the commands of docs/tutorial-site.md, docs/tutorial-auditor.md and docs/tutorial-committee.md, in order, in one folder.
set -euo pipefail
export LC_ALL=C.UTF-8
cd "$(dirname "$0")/../.."
root=$PWD
PATH=${REGESTA_BUILD:-$PWD/build}/bin:$PATH
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
commands() { awk '/^```sh$/ { on = 1; next } /^```$/ { on = 0 } on' "$1"; }
for tutorial in tutorial-site tutorial-auditor tutorial-committee; do
	[ "$(commands "docs/$tutorial.md" | grep -c regesta)" -ge 8 ] || { echo "docs/$tutorial.md has lost its commands" >&2; exit 1; }
	{
		echo 'set -euo pipefail'
		commands "docs/$tutorial.md"
	} >"$place/$tutorial.sh"
	cd "$place"
	bash "./$tutorial.sh" >"$tutorial.out" 2>&1 || { echo "docs/$tutorial.md:"; tail -n 30 "$tutorial.out"; exit 1; }
	cd "$root"
	echo "ok docs/$tutorial.md: $(commands "docs/$tutorial.md" | grep -c regesta) commands work"
done
grep -q '^verified:' "$place/tutorial-auditor.out" && grep -q 'CLEAN' "$place/tutorial-auditor.out"
grep -q 'DEVIATION' "$place/tutorial-auditor.out"
echo "ok the auditor's tutorial verifies, audits clean, and catches the forgery"
[ -s "$place/lineage.svg" ] && grep -q '<svg' "$place/lineage.svg"
echo "ok the site's tutorial draws a lineage"
grep -q 'CONSENT: consent was given' "$place/tutorial-committee.out" && grep -q 'NO CONSENT: consent was withdrawn' "$place/tutorial-committee.out"
echo "ok the committee's tutorial proves what held, and what was withdrawn"
