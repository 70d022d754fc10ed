// Opens C2SP signed notes and checks RFC 6962 proofs with Go's own packages. Input: one request in a line of JSON.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type request struct {
	Vkey, Note         string
	Path               []tlog.Hash
	Size, Index, Older int64
	Root, Leaf, Before tlog.Hash
}

func check(r request) error {
	if r.Note != "" {
		verifier, err := note.NewVerifier(r.Vkey)
		if err != nil {
			return err
		}
		opened, err := note.Open([]byte(r.Note), note.VerifierList(verifier))
		if err == nil {
			fmt.Printf("%q ", opened.Text)
		}
		return err
	}
	if r.Older > 0 {
		return tlog.CheckTree(tlog.TreeProof(r.Path), r.Size, r.Root, r.Older, r.Before)
	}
	return tlog.CheckRecord(tlog.RecordProof(r.Path), r.Size, r.Root, r.Index, r.Leaf)
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var r request
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			panic(err)
		}
		if err := check(r); err != nil {
			fmt.Println("no:", err)
		} else {
			fmt.Println("yes")
		}
	}
}
