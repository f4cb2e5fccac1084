// Webbuild turns the TypeScript of ui/script into what browsers get: one file for each island and worker in ui/dist, and the
// licences of other people's code in them. The same sources and packages give the same bytes. It checks no types; tools/web
// does.
//
//	webbuild -root REPOSITORY -modules NODE_MODULES [-tests FOLDER]
//
// With -tests it builds ui/script/test for Node into the folder instead.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

func main() {
	root := flag.String("root", ".", "the repository")
	modules := flag.String("modules", "", "the folder node_modules with the packages of ui/script/package.json")
	tests := flag.String("tests", "", "build the tests into this folder")
	flag.Parse()
	b := builder{script: filepath.Join(*root, "ui", "script"), modules: *modules}
	err := b.build(filepath.Join(*root, "ui", "dist"))
	if *tests != "" {
		err = b.buildTests(*tests)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "webbuild:", err)
		os.Exit(1)
	}
}

type builder struct{ script, modules string }

// build writes every island and worker, and removes what nobody writes any more.
func (b builder) build(dist string) error {
	entries, err := filepath.Glob(filepath.Join(b.script, "*.ts"))
	if err != nil || len(entries) == 0 {
		return fmt.Errorf("find scripts in %s: %d, %v", b.script, len(entries), err)
	}
	files := map[string][]byte{}
	packages := map[string]bool{}
	for _, entry := range entries {
		name := strings.TrimSuffix(filepath.Base(entry), ".ts") + ".js"
		out, used, err := b.bundle(entry, api.PlatformBrowser)
		if err != nil {
			return err
		}
		files[name] = out
		for p := range used {
			packages[p] = true
		}
	}
	if files["LICENSES"], err = b.licences(packages); err != nil {
		return err
	}
	return replace(dist, files)
}

func (b builder) buildTests(dir string) error {
	entries, err := filepath.Glob(filepath.Join(b.script, "test", "*.ts"))
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name := filepath.Base(entry)
		platform := api.PlatformNode
		switch {
		case strings.HasSuffix(name, ".d.ts"):
			continue
		case strings.HasSuffix(name, ".page.ts"): // for a browser
			platform = api.PlatformBrowser
		}
		out, _, err := b.bundle(entry, platform)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, strings.TrimSuffix(name, ".ts")+".mjs"), out, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// bundle returns one file that needs no other, and the packages whose code is in it.
func (b builder) bundle(entry string, platform api.Platform) ([]byte, map[string]bool, error) {
	result := api.Build(api.BuildOptions{
		EntryPoints: []string{entry}, Bundle: true, Write: false, Metafile: true, Format: api.FormatESModule, Platform: platform,
		Target: api.ES2022, Charset: api.CharsetUTF8, LegalComments: api.LegalCommentsNone, NodePaths: []string{b.modules},
		MinifySyntax: true, MinifyWhitespace: true, MinifyIdentifiers: platform == api.PlatformBrowser,
		TsconfigRaw: `{"compilerOptions":{"target":"ES2022","strict":true}}`, LogLevel: api.LogLevelSilent,
		Conditions: []string{"browser"}, Outdir: "out",
	})
	if len(result.Errors) > 0 {
		return nil, nil, fmt.Errorf("%s", strings.Join(api.FormatMessages(result.Errors, api.FormatMessagesOptions{}), ""))
	}
	packages := map[string]bool{}
	for _, input := range strings.Split(result.Metafile, `"`) {
		if _, inside, ok := strings.Cut(input, "node_modules/"); ok {
			packages[packageOf(inside)] = true
		}
	}
	return result.OutputFiles[0].Contents, packages, nil
}

// packageOf returns the package of a path below node_modules: one part of it, or two after a scope.
func packageOf(path string) string {
	parts := strings.Split(path, "/")
	if strings.HasPrefix(path, "@") && len(parts) > 1 {
		return parts[0] + "/" + parts[1]
	}
	return parts[0]
}

func (b builder) licences(packages map[string]bool) ([]byte, error) {
	names := make([]string, 0, len(packages))
	for name := range packages {
		names = append(names, name)
	}
	slices.Sort(names)
	var out bytes.Buffer
	out.WriteString("Other people's code in the scripts of this folder, and its licences.\n")
	for _, name := range names {
		raw, err := os.ReadFile(filepath.Join(b.modules, name, "LICENSE"))
		if err != nil {
			return nil, fmt.Errorf("licence of %s: %w", name, err)
		}
		fmt.Fprintf(&out, "\n%s\n%s\n\n%s\n", name, strings.Repeat("=", len(name)), bytes.TrimSpace(raw))
	}
	return out.Bytes(), nil
}

// replace makes the folder hold these files and no others.
func replace(dir string, files map[string][]byte) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	there, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, f := range there {
		if files[f.Name()] == nil {
			if err := os.Remove(filepath.Join(dir, f.Name())); err != nil {
				return err
			}
		}
	}
	for name, raw := range files {
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o644); err != nil {
			return err
		}
	}
	return nil
}
