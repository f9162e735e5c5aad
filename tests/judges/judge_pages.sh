#!/usr/bin/env bash
# Reports in headless Chromium: axe-core, headings, tables, languages, no request, a screen of 320 px, and printed to PDF, read by pdftotext.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) ||
	judge_skipped "no Chromium is installed (Debian: apt-get install --no-install-recommends chromium poppler-utils)"
[ -e "$SAMPLES/pages/participant-en.html" ] || judge_fails "there are no pages of the command to judge"
command -v pdftotext >/dev/null || echo "judge pages: pdftotext is missing (Debian: poppler-utils), so that printed pages are made and not read" >&2
node=$(judge_node_folder)/node
npm=$(judge_npm "$(dirname "$0")/../browser")
mkdir "$WORK/browser"
"$node" "$npm/pages.mjs" "$browser" "$SAMPLES/pages" "$WORK/browser" >"$WORK/said" || judge_fails "the pages are not as they should be"
judge_says "$(sed -n 's/^accepted //p' "$WORK/said")" "$(sed -n 's/^refused //p' "$WORK/said")"
