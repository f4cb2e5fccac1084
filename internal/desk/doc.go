// Package desk is the agency's own side: fetch what was released, open it on the agency's machine, verify, decide, and export
// an evidence package. The keys that open footage live here and nowhere on the exchange.
package desk
