package ui

import "path"

// scripted is a page with islands: scripts of dist, each of which is loaded only where it is used.
type scripted interface{ scripts() []string }

// Scripts returns the files of dist that a page loads, such as "passkey.js"; nil for a page without any.
func Scripts(p Page) []string {
	if s, ok := p.(scripted); ok {
		return s.scripts()
	}
	return nil
}

// ContentSecurityPolicy is the policy of a page without scripts (Content Security Policy Level 3): styles, pictures and
// forms of this origin, and nothing else. Scripts are not allowed, not even through a Trusted Types policy.
func ContentSecurityPolicy() string {
	return "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; " +
		"frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
}

// PolicyFor is the policy that a page must be served with: [PolicyOfIslands] or [ContentSecurityPolicy].
func PolicyFor(p Page) string {
	if len(Scripts(p)) == 0 {
		return ContentSecurityPolicy()
	}
	return PolicyOfIslands()
}

// PermissionsFor says which of the browser's powers a page may ask its reader for (Permissions Policy): none, but that the
// page that finds requests near a place may ask for the device's position, of which it sends nothing.
func PermissionsFor(p Page) string {
	if front, ok := p.(FrontPage); ok && front.Finds() {
		return "geolocation=(self), camera=(), microphone=()"
	}
	return "geolocation=(), camera=(), microphone=()"
}

// PolicyOfIslands is the policy of every page with islands. They may load scripts and workers of this origin
// and ask this origin alone; the only Trusted Types policy, "porchlight", lets nothing through but the addresses of our own
// assets for workers. Pictures and clips that the person chose are shown from blob addresses.
func PolicyOfIslands() string {
	return "default-src 'none'; script-src 'self'; connect-src 'self'; worker-src 'self'; style-src 'self'; " +
		"img-src 'self' blob:; media-src blob:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; " +
		"require-trusted-types-for 'script'; trusted-types porchlight"
}

// assetPolicy is the policy of a static file. For a worker it is the one that the worker itself runs under.
func assetPolicy(name string) string {
	if path.Ext(name) == ".js" {
		return "default-src 'none'; connect-src 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
	}
	return "default-src 'none'; frame-ancestors 'none'"
}

// StaffSecurityPolicy is the policy of a signed-in page: scripts must bear the answer's nonce, and then may do what those of
// a public page may.
func StaffSecurityPolicy(nonce string) string {
	return "default-src 'none'; script-src 'nonce-" + nonce + "'; connect-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self' blob:; " +
		"media-src blob:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types porchlight"
}

// StaffDeskPolicy is the policy of the page in which an agency opens clips: that of a signed-in page, with frames of this origin
// in which they are shown.
func StaffDeskPolicy(nonce string) string { return StaffSecurityPolicy(nonce) + "; frame-src 'self'" }

// DeskFramePolicy is the policy of the document in such a frame. Its origin is its own and equal to no other; it may run the one
// script that bears the nonce, and load nothing but the file that this is handed.
func DeskFramePolicy(nonce, origin string) string {
	return "sandbox allow-scripts; default-src 'none'; script-src 'nonce-" + nonce + "'; style-src 'nonce-" + nonce + "'; media-src blob:; img-src blob:; " +
		"base-uri 'none'; form-action 'none'; frame-ancestors " + origin + "; require-trusted-types-for 'script'; trusted-types 'none'"
}

// DeskSecurityPolicy is the policy of a page of the desk: as that of a signed-in page, with frames of this origin besides, in
// which clips are shown, and without what only a resident's page needs.
func DeskSecurityPolicy(nonce string) string {
	return "default-src 'none'; script-src 'nonce-" + nonce + "'; connect-src 'self'; style-src 'self'; img-src 'self'; frame-src 'self'; " +
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
}
