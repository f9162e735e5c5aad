// Command ipfs judges CIDs and CARs with boxo, the library that Kubo is made of:
//
//	ipfs cid CID PATH          the file or folder has this CID under the profile unixfs-v1-2025
//	ipfs car CID CAR FILE      the CAR has this one root, each block is what its CID says, and together they are the file
//
// Exit code 0: it is so; 1: it is not.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	chunker "github.com/ipfs/boxo/chunker"
	dag "github.com/ipfs/boxo/ipld/merkledag"
	dagtest "github.com/ipfs/boxo/ipld/merkledag/test"
	"github.com/ipfs/boxo/ipld/unixfs/importer/balanced"
	"github.com/ipfs/boxo/ipld/unixfs/importer/helpers"
	uio "github.com/ipfs/boxo/ipld/unixfs/io"
	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
	car "github.com/ipld/go-car/v2"
)

var profile = uio.UnixFS_v1_2025

func main() {
	profile.ApplyGlobals()
	var err error
	switch {
	case len(os.Args) == 4 && os.Args[1] == "cid":
		err = judgeCID(os.Args[2], os.Args[3])
	case len(os.Args) == 5 && os.Args[1] == "car":
		err = judgeCAR(os.Args[2], os.Args[3], os.Args[4])
	default:
		fmt.Fprintln(os.Stderr, "usage: ipfs cid CID PATH | ipfs car CID CAR FILE")
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "refused:", err)
		os.Exit(1)
	}
}

func judgeCID(want, path string) error {
	node, err := add(dagtest.Mock(), path)
	if err != nil {
		return err
	}
	if node.Cid().String() != want {
		return fmt.Errorf("%s has CID %s, not %s", path, node.Cid(), want)
	}
	return nil
}

func add(dags ipld.DAGService, path string) (ipld.Node, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return addFolder(dags, path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	params := helpers.DagBuilderParams{
		Maxlinks:   profile.FileDAGWidth,
		RawLeaves:  profile.RawLeaves,
		CidBuilder: profile.CidBuilder(),
		Dagserv:    dags,
	}
	builder, err := params.New(chunker.NewSizeSplitter(file, profile.ChunkSize))
	if err != nil {
		return nil, err
	}
	return balanced.Layout(builder)
}

func addFolder(dags ipld.DAGService, path string) (ipld.Node, error) {
	folder, err := uio.NewDirectory(dags, uio.WithCidBuilder(profile.CidBuilder()))
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		child, err := add(dags, filepath.Join(path, entry.Name()))
		if err != nil {
			return nil, err
		}
		if err := folder.AddChild(context.Background(), entry.Name(), child); err != nil {
			return nil, err
		}
	}
	node, err := folder.GetNode()
	if err != nil {
		return nil, err
	}
	return node, dags.Add(context.Background(), node)
}

func judgeCAR(want, path, data string) error {
	root, err := cid.Decode(want)
	if err != nil {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	// The reader compares each block with its CID.
	blocks, err := car.NewBlockReader(file)
	if err != nil {
		return err
	}
	if blocks.Version != 1 || len(blocks.Roots) != 1 || blocks.Roots[0] != root {
		return fmt.Errorf("version %d with roots %v", blocks.Version, blocks.Roots)
	}
	dags := dagtest.Mock()
	for {
		block, err := blocks.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		node, err := decoders.Decode(block)
		if err != nil {
			return err
		}
		if err := dags.Add(context.Background(), node); err != nil {
			return err
		}
	}
	top, err := dags.Get(context.Background(), root)
	if err != nil {
		return err
	}
	reader, err := uio.NewDagReader(context.Background(), top, dags)
	if err != nil {
		return err
	}
	held, err := io.ReadAll(reader)
	if err != nil {
		return err
	}
	wanted, err := os.ReadFile(data)
	if err != nil {
		return err
	}
	if !bytes.Equal(held, wanted) {
		return fmt.Errorf("the blocks of %s are not %s", path, data)
	}
	return nil
}

var decoders = func() *ipld.Registry {
	var registry ipld.Registry
	registry.Register(cid.DagProtobuf, dag.DecodeProtobufBlock)
	registry.Register(cid.Raw, dag.DecodeRawBlock)
	return &registry
}()
