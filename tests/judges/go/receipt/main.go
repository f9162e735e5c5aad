// Command receipt verifies a C2SP tlog-proof with public packages alone:
//
//	receipt TILES POLICY FILE
//
// The entry is taken from the log's entry bundles, not from the receipt; the
// receipt's extra data must begin with it. Exit code 0: verified; 1: refused.
package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"

	"github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/formats/proof"
	"github.com/transparency-dev/formats/witness"
	"golang.org/x/mod/sumdb/tlog"

	"judges/internal/folder"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: receipt TILES POLICY FILE")
		os.Exit(2)
	}
	if err := verify(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "refused:", err)
		os.Exit(1)
	}
}

// opened is the checkpoint if one of the policy's logs signed it.
func opened(signed, policy []byte) (*log.Checkpoint, error) {
	logs, err := folder.Logs(policy)
	if err != nil {
		return nil, err
	}
	var cp *log.Checkpoint
	for i, v := range logs {
		// The others are known keys too: a wrong signature of theirs fails the note.
		others := slices.Delete(slices.Clone(logs), i, i+1)
		if cp, _, _, err = log.ParseCheckpoint(signed, v.Name(), v, others...); err == nil {
			return cp, nil
		}
	}
	return nil, err
}

func verify(tiles, policyPath, receiptPath string) error {
	policy, err := os.ReadFile(policyPath)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(receiptPath)
	if err != nil {
		return err
	}
	var receipt proof.TLogProof
	if err := receipt.Unmarshal(data); err != nil {
		return err
	}
	if !bytes.Equal(receipt.Marshal(), data) {
		return fmt.Errorf("the receipt is not in its canonical form")
	}
	cp, err := opened(receipt.Checkpoint, policy)
	if err != nil {
		return err
	}
	quorum, err := witness.ParsePolicy(policy)
	if err != nil {
		return err
	}
	if !quorum.Satisfied(receipt.Checkpoint) {
		return fmt.Errorf("the policy's quorum is not met")
	}
	if receipt.Index >= cp.Size {
		return fmt.Errorf("index %d is beyond %d entries", receipt.Index, cp.Size)
	}
	entries, err := folder.Log{Dir: tiles, Size: int64(cp.Size)}.Bundle(int64(receipt.Index) / 256)
	if err != nil {
		return err
	}
	entry := entries[receipt.Index%256]
	if !bytes.HasPrefix(receipt.ExtraData, entry) {
		return fmt.Errorf("the receipt's extra data does not begin with entry %d", receipt.Index)
	}
	path := make(tlog.RecordProof, 0, len(receipt.Hashes))
	for _, hash := range receipt.Hashes {
		path = append(path, tlog.Hash(hash))
	}
	return tlog.CheckRecord(path, int64(cp.Size), tlog.Hash(cp.Hash), int64(receipt.Index), tlog.RecordHash(entry))
}
