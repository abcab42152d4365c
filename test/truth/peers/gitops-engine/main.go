// Answers whether Argo CD's diff engine sees a difference between an object as declared and as live. The first line of
// the input is the server's OpenAPI v2 document; then one case a line, one answer a line, all JSON. The engine is as it
// comes: no normalizer, which is where Argo CD's own settings would be. It holds no rule of its own.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/argoproj/argo-cd/gitops-engine/pkg/diff"
	openapi "github.com/google/gnostic-models/openapiv2"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/kube-openapi/pkg/util/proto"
)

// With a manager it is asked as for an application with ServerSideApply=true, without one as by default: three-way where
// the live object has a note of what was applied, else two-way.
type request struct {
	Desired *unstructured.Unstructured `json:"desired"`
	Live    *unstructured.Unstructured `json:"live"`
	Manager string                     `json:"manager"`
}

type answer struct {
	Modified bool   `json:"modified"`
	Error    string `json:"error,omitempty"`
}

func readTypes(document []byte) (*managedfields.GvkParser, error) {
	parsed, err := openapi.ParseDocument(document)
	if err != nil {
		return nil, err
	}
	models, err := proto.NewOpenAPIData(parsed)
	if err != nil {
		return nil, err
	}
	return managedfields.NewGVKParser(models, false)
}

// A case that brings the engine down is an answer too.
func answered(asked request, types *managedfields.GvkParser) (result answer) {
	defer func() {
		if cause := recover(); cause != nil {
			result = answer{Error: fmt.Sprintf("panic: %v", cause)}
		}
	}()
	options := []diff.Option{}
	if asked.Manager != "" {
		options = append(options, diff.WithStructuredMergeDiff(true), diff.WithGVKParser(types), diff.WithManager(asked.Manager))
	}
	found, err := diff.Diff(asked.Desired, asked.Live, options...)
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Modified: found.Modified}
}

func converse() error {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	if !lines.Scan() {
		return errors.Join(errors.New("no document of the types"), lines.Err())
	}
	types, err := readTypes(lines.Bytes())
	if err != nil {
		return err
	}
	out := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(out)
	for lines.Scan() {
		var asked request
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			return err
		}
		if err := encoder.Encode(answered(asked, types)); err != nil {
			return err
		}
	}
	return errors.Join(lines.Err(), out.Flush())
}

// Whoever asked may be gone before it has its answers.
const longest = 5 * time.Minute

func main() {
	time.AfterFunc(longest, func() { os.Exit(3) })
	if err := converse(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
