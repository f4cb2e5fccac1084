// Package ui is everything that people see in a browser: the pages as Go structs, their templates and style sheet, their
// words in each language, and maps drawn on the server.
//
// [New] prepares the pages for one exchange; [Pages.Render] writes one of the page structs, such as [FrontPage], in a
// language; [Pages.Assets] serves the style sheet and the pictures under a path that holds their checksum. The package
// knows no route's handler and no database: whoever fills a struct decides what is shown, and everything in these structs
// is public. Pages name no other origin and hold nothing inline, and most have no script, so that [PolicyFor] can
// forbid all of it. Those where the browser must act load islands: scripts of ours that tools/web builds from script into dist.
//
// Each page has its folder under page, each reused piece its folder under part; a folder holds the template and its
// styles. The program in storybook shows every page with canned data.
package ui
