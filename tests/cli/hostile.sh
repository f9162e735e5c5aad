#!/usr/bin/env bash
# What comes from others: tiles to restore from, names that a sealed list carries.
cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
new_ledger

# ---- Names
mkdir in
echo one >in/a.txt
echo two >"in/$(printf '\033]0;title\007')b.txt"
works "a file whose name holds escape sequences" regesta submit in --study rare-01 --json
event=$(ids)
works "it is opened again" regesta open "$event" --output out
[ "$(find out -type f | wc -l)" -eq 2 ] || die "both files are opened"
! grep -q "$(printf '\033')" "$out" || die "an escape sequence reaches the terminal"
works "names are listed" regesta open "$event" --names
! grep -q "$(printf '\033')" "$out" || die "an escape sequence reaches the terminal"
ok "no escape sequence reaches the terminal"

# ---- Tiles
quietly regesta tiles tiles
quietly regesta policy --output policy
works "whole tiles are restored" regesta restore whole --tiles tiles --policy policy
cp -r tiles unsigned
sed -i -E '5s#.{8}(.{12})$#AAAAAAAA\1#' unsigned/checkpoint
fails 1 "nothing was restored|note|signature" "a checkpoint that the node did not sign" regesta restore forged --tiles unsigned
[ ! -e forged ] || die "something was restored"
cp -r tiles changed
bundle=$(find changed/tile/entries -type f)
size=$(stat -c %s "$bundle")
# The last entry ends a block; a signature lies before it.
printf 'changed!' | dd of="$bundle" bs=1 seek=$((size - 500)) conv=notrunc status=none
fails 1 "nothing was restored" "an entry that was changed" regesta restore forged --tiles changed
[ ! -e forged ] || die "something was restored"
cp -r tiles holes
rm "holes/${bundle#changed/}"
fails 6 "No such file|missing|not" "a bundle that is missing" regesta restore forged --tiles holes
[ ! -e forged ] || die "something was restored"
ok "of forged tiles nothing is restored"
