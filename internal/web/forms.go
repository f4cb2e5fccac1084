package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"porchlight.example/internal/footage"
)

// readForm reads a form with its files, all of which stays in memory.
func readForm(w http.ResponseWriter, r *http.Request, limit int64) error {
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	err := r.ParseMultipartForm(limit)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return footage.E(footage.TooLarge, fmt.Sprintf("The form with its file may have %d bytes.", limit))
	case errors.Is(err, http.ErrNotMultipart): // of a program that sends no file
		return nil
	case err != nil:
		return footage.E(footage.Invalid, "The form cannot be read. Open the page anew and fill it in again.")
	}
	return nil
}

// fileOr returns the bytes of the file that came in a field, or a text where none came.
func fileOr(r *http.Request, field, text string) ([]byte, error) {
	file, header, err := r.FormFile(field)
	if err != nil || header.Size == 0 { // browsers send an empty one where none was chosen
		return []byte(text), nil
	}
	defer file.Close()
	return io.ReadAll(file)
}
