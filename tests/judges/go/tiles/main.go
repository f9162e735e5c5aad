// Command tiles verifies a log published as tiles, with golang.org/x/mod/sumdb alone:
//
//	tiles [-public] TILES POLICY
//
// The tree is rebuilt from the entries and every tile compared byte for byte; with -public there
// are no entries, and every stored hash is read through tlog's verifying reader.
// Exit code 0: verified; 1: refused.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"judges/internal/folder"
)

func main() {
	public := flag.Bool("public", false, "hash tiles only")
	flag.Parse()
	if flag.NArg() != 2 {
		fmt.Fprintln(os.Stderr, "usage: tiles [-public] TILES POLICY")
		os.Exit(2)
	}
	if err := verify(flag.Arg(0), flag.Arg(1), *public); err != nil {
		fmt.Fprintln(os.Stderr, "refused:", err)
		os.Exit(1)
	}
}

// checkpoint is a tree that the note's origin and one of the policy's logs vouch for.
func checkpoint(dir, policyPath string) (tlog.Tree, error) {
	policy, err := os.ReadFile(policyPath)
	if err != nil {
		return tlog.Tree{}, err
	}
	logs, err := folder.Logs(policy)
	if err != nil {
		return tlog.Tree{}, err
	}
	data, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(data, note.VerifierList(logs...))
	if err != nil {
		return tlog.Tree{}, err
	}
	// Package tlog reads its own header only; the other lines are the same.
	lines := bytes.SplitN([]byte(opened.Text), []byte("\n"), 2)
	if string(lines[0]) != logs[0].Name() {
		return tlog.Tree{}, fmt.Errorf("origin %q", lines[0])
	}
	return tlog.ParseTree(append([]byte("go.sum database tree\n"), lines[1]...))
}

// hashes of the tree, in the order in which package tlog stores them.
type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(h)) {
			return nil, fmt.Errorf("no stored hash %d", index)
		}
		out[i] = h[index]
	}
	return out, nil
}

func rebuild(l folder.Log) (hashes, error) {
	var stored hashes
	for n := int64(0); n*256 < l.Size; n++ {
		entries, err := l.Bundle(n)
		if err != nil {
			return nil, err
		}
		for i, entry := range entries {
			more, err := tlog.StoredHashes(n*256+int64(i), entry, stored)
			if err != nil {
				return nil, err
			}
			stored = append(stored, more...)
		}
	}
	return stored, nil
}

// each stored hash is authenticated against the root by tlog's reader.
func readAll(tree tlog.Tree, l folder.Log) error {
	reader := tlog.TileHashReader(tree, l)
	for n := int64(0); n < tree.N; n += 64 {
		var indexes []int64
		for i := n; i < min(n+64, tree.N); i++ {
			indexes = append(indexes, tlog.StoredHashIndex(0, i))
		}
		if _, err := reader.ReadHashes(indexes); err != nil {
			return err
		}
	}
	return nil
}

func verify(dir, policyPath string, public bool) error {
	tree, err := checkpoint(dir, policyPath)
	if err != nil {
		return err
	}
	l := folder.Log{Dir: dir, Size: tree.N}
	if err := readAll(tree, l); err != nil {
		return err
	}
	if public {
		return nil
	}
	stored, err := rebuild(l)
	if err != nil {
		return err
	}
	root, err := tlog.TreeHash(tree.N, stored)
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return fmt.Errorf("the entries have root %v, the checkpoint %v", root, tree.Hash)
	}
	for _, tile := range l.HashTiles() {
		want, err := tlog.ReadTileData(tile, stored)
		if err != nil {
			return err
		}
		have, err := l.ReadTiles([]tlog.Tile{tile})
		if err != nil {
			return err
		}
		if !bytes.Equal(have[0], want) {
			return fmt.Errorf("%s differs from the entries", tile.Path())
		}
	}
	return nil
}
