// The builder of the browser's scripts: a module of its own, so that it moves no version of the exchange's.
module porchlight.example/tools/webbuild

go 1.26

require github.com/evanw/esbuild v0.28.2

require golang.org/x/sys v0.0.0-20220715151400-c0bba94af5f8 // indirect
