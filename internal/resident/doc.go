// Package resident is the resident's side: choose clips for one request, prepare them, seal them, send them, and keep in touch
// by the receipt. It runs on the resident's own device and believes the exchange nothing that a proof could show.
package resident
