// Answers how the libraries of the API server and of kubectl read a text. One request a line, one answer a line, both
// JSON: {"op": "...", "args": ["..."]} gives {"values": ["..."]} or {"error": "..."}. It holds no rule of its own.
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/yaml"
)

type request struct {
	Op   string   `json:"op"`
	Args []string `json:"args"`
}

type answer struct {
	Values []string `json:"values,omitempty"`
	Error  string   `json:"error,omitempty"`
}

var operations = map[string]func(args []string) ([]string, error){
	"quantity":      quantity,
	"quantityOrder": quantityOrder,
	"duration":      duration,
	"time":          timestamp,
	"bytes":         byteText,
	"documents":     documents,
}

func readQuantity(raw string) (resource.Quantity, error) {
	var read resource.Quantity
	err := json.Unmarshal([]byte(raw), &read)
	return read, err
}

// The text as it is stored, and as it is stored in a list of resources.
func quantity(args []string) ([]string, error) {
	read, err := readQuantity(args[0])
	if err != nil {
		return nil, err
	}
	rounded := read.DeepCopy()
	rounded.RoundUp(resource.Milli)
	return []string{read.String(), rounded.String()}, nil
}

// As it is after it was stored.
func storedQuantity(raw string) (resource.Quantity, error) {
	read, err := readQuantity(raw)
	if err != nil {
		return read, err
	}
	return resource.ParseQuantity(read.String())
}

// -1, 0 or 1: the order of the two as stored.
func quantityOrder(args []string) ([]string, error) {
	one, err := storedQuantity(args[0])
	if err != nil {
		return nil, err
	}
	other, err := storedQuantity(args[1])
	if err != nil {
		return nil, err
	}
	return []string{strconv.Itoa(one.Cmp(other))}, nil
}

// Nanoseconds, and the text as it is stored.
func duration(args []string) ([]string, error) {
	read, err := time.ParseDuration(args[0])
	if err != nil {
		return nil, err
	}
	return []string{strconv.FormatInt(int64(read), 10), read.String()}, nil
}

func instant(read time.Time) string {
	return fmt.Sprintf("%d.%09d", read.Unix(), read.Nanosecond())
}

// Seconds and nanoseconds, and the text as it is stored.
func timestamp(args []string) ([]string, error) {
	var read metav1.Time
	text, _ := json.Marshal(args[0])
	if err := json.Unmarshal(text, &read); err != nil {
		return nil, err
	}
	stored, err := json.Marshal(read)
	return []string{instant(read.Time), string(stored)}, err
}

// A field of bytes, as it is stored.
func byteText(args []string) ([]string, error) {
	var read []byte
	text, _ := json.Marshal(args[0])
	if err := json.Unmarshal(text, &read); err != nil {
		return nil, err
	}
	return []string{base64.StdEncoding.EncodeToString(read)}, nil
}

// The documents of a file, as kubectl sends them.
func documents(args []string) ([]string, error) {
	decoder := yaml.NewYAMLOrJSONDecoder(strings.NewReader(args[0]), 4096)
	found := []string{}
	for {
		var raw runtime.RawExtension
		if err := decoder.Decode(&raw); err == io.EOF {
			return found, nil
		} else if err != nil {
			return nil, err
		}
		raw.Raw = bytes.TrimSpace(raw.Raw)
		if len(raw.Raw) == 0 || bytes.Equal(raw.Raw, []byte("null")) {
			continue
		}
		var value any
		if err := utiljson.Unmarshal(raw.Raw, &value); err != nil {
			return nil, err
		}
		sent, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		found = append(found, string(sent))
	}
}

// A text that brings a library down is an answer too.
func answered(asked request) (result answer) {
	defer func() {
		if cause := recover(); cause != nil {
			result = answer{Error: fmt.Sprintf("panic: %v", cause)}
		}
	}()
	values, err := operations[asked.Op](asked.Args)
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Values: values}
}

// Whoever asked may be gone before it has its answers, and a text may keep a library busy for ever.
const longest = 2 * time.Minute

func main() {
	time.AfterFunc(longest, func() { os.Exit(3) })
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	out := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(out)
	for lines.Scan() {
		var asked request
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			panic(err)
		}
		if err := encoder.Encode(answered(asked)); err != nil {
			panic(err)
		}
	}
	if err := lines.Err(); err != nil {
		panic(err)
	}
	if err := out.Flush(); err != nil {
		panic(err)
	}
}
