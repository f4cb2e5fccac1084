package api

import (
	"net/http"

	"porchlight.example/internal/footage"
)

// Status returns the status code that answers an error of a kind: the only place where kinds become codes.
func Status(kind footage.Kind) int {
	switch kind {
	case footage.Invalid, footage.Untrusted:
		return http.StatusUnprocessableEntity
	case footage.Unauthorized:
		return http.StatusUnauthorized
	case footage.Forbidden, footage.Refused:
		return http.StatusForbidden
	case footage.NotFound:
		return http.StatusNotFound
	case footage.Conflict:
		return http.StatusConflict
	case footage.Gone:
		return http.StatusGone
	case footage.TooLarge:
		return http.StatusRequestEntityTooLarge
	case footage.TooMany:
		return http.StatusTooManyRequests
	case footage.Full:
		return http.StatusInsufficientStorage
	case footage.Unavailable:
		return http.StatusServiceUnavailable
	case footage.Unsupported:
		return http.StatusUnsupportedMediaType
	case footage.Interrupted:
		return http.StatusBadRequest
	}
	return http.StatusInternalServerError
}
