// Command sealed opens a sealed payload with Tink:
//
//	sealed KEY LEDGER STUDY ORGANISATION SEALED FILE
//
// KEY and LEDGER are hex; an empty STUDY is null. The plaintext must be u64 n, n bytes equal to FILE, and zeros up to Padmé(8 + n), at least 1024 bytes in all.
// FILE "-": print the n bytes instead. Exit code 0: it opened; 1: refused.
package main

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math/bits"
	"os"

	"github.com/tink-crypto/tink-go/v2/streamingaead/subtle"
)

func main() {
	if len(os.Args) != 7 {
		fmt.Fprintln(os.Stderr, "usage: sealed KEY LEDGER STUDY ORGANISATION SEALED FILE")
		os.Exit(2)
	}
	if err := open(os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5], os.Args[6]); err != nil {
		fmt.Fprintln(os.Stderr, "refused:", err)
		os.Exit(1)
	}
}

// text is the CBOR of a short text.
func text(s string) []byte {
	if len(s) < 24 {
		return append([]byte{0x60 | byte(len(s))}, s...)
	}
	return append([]byte{0x78, byte(len(s))}, s...)
}

// context is CBOR [ledger, study or null, organisation].
func context(ledger []byte, study, organisation string) []byte {
	aad := append([]byte{0x83, 0x58, 0x20}, ledger...)
	if study == "" {
		aad = append(aad, 0xf6)
	} else {
		aad = append(aad, text(study)...)
	}
	return append(aad, text(organisation)...)
}

// padme is the padded length of n bytes (Nikitin et al. 2019, section 4).
func padme(n uint64) uint64 {
	if n < 2 {
		return n
	}
	e := uint64(bits.Len64(n)) - 1
	s := uint64(bits.Len64(e))
	if e <= s {
		return n
	}
	mask := uint64(1)<<(e-s) - 1
	return (n + mask) &^ mask
}

func open(keyHex, ledgerHex, study, organisation, sealed, plain string) error {
	key, err := hex.DecodeString(keyHex)
	if err != nil {
		return err
	}
	ledger, err := hex.DecodeString(ledgerHex)
	if err != nil || len(ledger) != 32 {
		return fmt.Errorf("LEDGER is not 32 bytes of hex")
	}
	aead, err := subtle.NewAESGCMHKDF(key, "SHA256", 32, 1<<20, 0)
	if err != nil {
		return err
	}
	ciphertext, err := os.Open(sealed)
	if err != nil {
		return err
	}
	defer ciphertext.Close()
	reader, err := aead.NewDecryptingReader(ciphertext, context(ledger, study, organisation))
	if err != nil {
		return err
	}
	frame, err := io.ReadAll(reader)
	if err != nil {
		return err
	}
	if len(frame) < 8 {
		return fmt.Errorf("a frame of %d bytes", len(frame))
	}
	n := binary.BigEndian.Uint64(frame)
	if n > uint64(len(frame))-8 || max(1024, padme(8+n)) != uint64(len(frame)) {
		return fmt.Errorf("a frame of %d bytes for %d of data", len(frame), n)
	}
	data, tail := frame[8:8+n], frame[8+n:]
	if bytes.ContainsFunc(tail, func(r rune) bool { return r != 0 }) {
		return fmt.Errorf("the padding is not zero")
	}
	if plain == "-" {
		_, err = os.Stdout.Write(data)
		return err
	}
	wanted, err := os.ReadFile(plain)
	if err != nil {
		return err
	}
	if !bytes.Equal(data, wanted) {
		return fmt.Errorf("it holds other data than %s", plain)
	}
	return nil
}
