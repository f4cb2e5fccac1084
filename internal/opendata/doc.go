// Package opendata makes figures and tables of the public record: who asked for how much, what was refused and why, what
// became of each agency, and every entry by its number. It reads entries by their members and not by their kinds, so that a
// kind that comes later is counted and shown like the others.
//
// Everything here is made of acts of agencies and of the exchange, which are never suppressed. Nothing in the record depends on
// what residents do but complaints, which are public by intent and tell a day at most; should an entry bring another figure that
// could count residents, it comes from there with k ≥ 10.
package opendata
