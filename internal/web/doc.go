// Package web is the exchange's HTTP face: all routes in one function, a file per group of pages or calls, one function
// that turns errors into answers, and middleware that keeps addresses out of every log.
package web
