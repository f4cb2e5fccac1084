// Package opendata makes figures and tables of the public record: who asked for how much, what was refused and why, what
// became of each agency, and every entry by its number. It reads entries by their members and not by their kinds, so that a
// kind that comes later is counted and shown like the others.
//
// Everything here is made of acts of agencies and of the exchange, which are never suppressed. Nothing in the record depends on
// what residents do, so that there is no figure that could count them; should an entry bring one, it comes from there with k ≥ 10.
package opendata
