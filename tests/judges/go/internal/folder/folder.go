// Package folder reads a log that is published as a folder of C2SP tlog-tiles.
package folder

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	// Height of a tile; C2SP fixes it, so its paths leave it out.
	Height = 8
	width  = 1 << Height
)

// Log is a folder and the size of the tree that its checkpoint claims.
type Log struct {
	Dir  string
	Size int64
}

// Path of a tile under the folder: "tile/8/0/x001/067" of package tlog is "tile/0/x001/067" here.
func (l Log) tilePath(t tlog.Tile) string {
	path := strings.TrimPrefix(t.Path(), "tile/8/")
	if t.L == -1 {
		path = "entries" + strings.TrimPrefix(path, "data")
	}
	return filepath.Join(l.Dir, "tile", filepath.FromSlash(path))
}

// Height implements tlog.TileReader.
func (l Log) Height() int { return Height }

// ReadTiles implements tlog.TileReader.
func (l Log) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	out := make([][]byte, len(tiles))
	for i, t := range tiles {
		data, err := os.ReadFile(l.tilePath(t))
		if err != nil {
			return nil, err
		}
		if len(data) != t.W*tlog.HashSize {
			return nil, fmt.Errorf("%s has %d bytes", l.tilePath(t), len(data))
		}
		out[i] = data
	}
	return out, nil
}

// SaveTiles implements tlog.TileReader.
func (l Log) SaveTiles([]tlog.Tile, [][]byte) {}

// HashTiles are all tiles that a tree of this size has.
func (l Log) HashTiles() []tlog.Tile {
	var out []tlog.Tile
	for level := 0; ; level++ {
		hashes := l.Size >> (Height * level)
		if hashes == 0 {
			return out
		}
		for n := int64(0); n*width < hashes; n++ {
			out = append(out, tlog.Tile{H: Height, L: level, N: n, W: int(min(width, hashes-n*width))})
		}
	}
}

// Bundle returns the entries of bundle n.
func (l Log) Bundle(n int64) ([][]byte, error) {
	count := min(width, l.Size-n*width)
	path := l.tilePath(tlog.Tile{H: Height, L: -1, N: n, W: int(count)})
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	out := make([][]byte, 0, count)
	for range count {
		if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
			return nil, fmt.Errorf("%s is cut", path)
		}
		size := int(binary.BigEndian.Uint16(data))
		out = append(out, data[2:2+size])
		data = data[2+size:]
	}
	if len(data) != 0 {
		return nil, fmt.Errorf("%s has %d bytes too many", path, len(data))
	}
	return out, nil
}

// Logs returns verifiers of the log lines of a policy.
func Logs(policy []byte) ([]note.Verifier, error) {
	var out []note.Verifier
	for _, line := range strings.Split(string(policy), "\n") {
		if fields := strings.Fields(line); len(fields) >= 2 && fields[0] == "log" {
			v, err := note.NewVerifier(fields[1])
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
	}
	if len(out) == 0 {
		return nil, errors.New("the policy names no log")
	}
	return out, nil
}
