package ui

// ContentSecurityPolicy is the policy that every public page is served with (Content Security Policy Level 3): styles,
// pictures and forms of this origin, and nothing else. There is no script at all, so scripts are not allowed, not even
// through a Trusted Types policy.
func ContentSecurityPolicy() string {
	return "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; " +
		"frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
}
