// Says how BuildKit itself reads Dockerfiles and expands words: one JSON question a line in, one JSON answer a line out.
// Byte slices are base64 in JSON, because Dockerfiles need not be UTF-8.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"log"
	"os"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

type question struct {
	Dockerfile []byte
	Word       []byte
	Env        [][]byte // NAME=value
	Escape     string
	Quotes     bool
	KeepUnset  bool
}

type heredoc struct {
	Name    []byte
	FD      uint
	Expand  bool
	Chomp   bool
	Body    []byte
	Chomped []byte
}

type node struct {
	Keyword  []byte
	Text     []byte
	Flags    [][]byte
	Words    [][]byte
	JSON     bool
	Start    int
	End      int
	Heredocs []heredoc
	Inner    *node
}

type answer struct {
	ParseError       string
	InstructionError string
	Escape           string
	Nodes            []node
	Value            []byte
	WordError        string
	Unset            []string
}

// describe tells of a node, and of the one inside ONBUILD, but not of what ONBUILD holds within that.
func describe(parsed *parser.Node, inside bool) node {
	result := node{
		Keyword: []byte(parsed.Value),
		Text:    []byte(parsed.Original),
		JSON:    parsed.Attributes["json"],
		Start:   parsed.StartLine,
		End:     parsed.EndLine,
	}
	for _, flag := range parsed.Flags {
		result.Flags = append(result.Flags, []byte(flag))
	}
	for argument := parsed.Next; argument != nil; argument = argument.Next {
		if len(argument.Children) > 0 {
			if !inside {
				inner := describe(argument.Children[0], true)
				result.Inner = &inner
			}
			break
		}
		result.Words = append(result.Words, []byte(argument.Value))
	}
	for _, found := range parsed.Heredocs {
		chomped := found.Content
		if found.Chomp {
			chomped = parser.ChompHeredocContent(chomped)
		}
		result.Heredocs = append(result.Heredocs, heredoc{
			[]byte(found.Name), found.FileDescriptor, found.Expand, found.Chomp, []byte(found.Content), []byte(chomped),
		})
	}
	return result
}

func parse(dockerfile []byte) (result answer) {
	parsed, err := parser.Parse(bytes.NewReader(dockerfile))
	if err != nil {
		result.ParseError = err.Error()
		return result
	}
	result.Escape = string(parsed.EscapeToken)
	for _, child := range parsed.AST.Children {
		result.Nodes = append(result.Nodes, describe(child, false))
	}
	if _, _, err := instructions.Parse(parsed.AST, linter.New(&linter.Config{})); err != nil {
		result.InstructionError = err.Error()
	}
	return result
}

func expand(asked question) (result answer) {
	var env []string
	for _, setting := range asked.Env {
		env = append(env, string(setting))
	}
	lexer := shell.NewLex([]rune(asked.Escape)[0])
	lexer.SkipProcessQuotes = !asked.Quotes
	lexer.SkipUnsetEnv = asked.KeepUnset
	value, unset, err := lexer.ProcessWord(string(asked.Word), shell.EnvsFromSlice(env))
	if err != nil {
		result.WordError = err.Error()
	}
	result.Value = []byte(value)
	for name := range unset {
		result.Unset = append(result.Unset, name)
	}
	return result
}

func main() {
	questions := json.NewDecoder(bufio.NewReader(os.Stdin))
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	answers := json.NewEncoder(out)
	for {
		var asked question
		if err := questions.Decode(&asked); err == io.EOF {
			return
		} else if err != nil {
			log.Fatal(err)
		}
		result := parse(asked.Dockerfile)
		if asked.Escape != "" {
			result = expand(asked)
		}
		if err := answers.Encode(result); err != nil {
			log.Fatal(err)
		}
	}
}
