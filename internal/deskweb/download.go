package deskweb

import (
	"archive/zip"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strconv"

	"porchlight.example/internal/footage"
)

// download sends a package that lies here as one ZIP file, while it is read: nothing is compressed or written.
func (s *Server) download(w http.ResponseWriter, v *visitor) error {
	r, err := s.d.Review(v.Context(), shareOf(v))
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(v.PathValue("number"))
	if err != nil || n < 1 || n > len(r.Packages) {
		return footage.E(footage.NotFound, "There is no such package of this share here. It may have been moved away.")
	}
	folder := r.Packages[n-1].Folder
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer root.Close()
	name := filepath.Base(folder)
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", `attachment; filename="package-`+strconv.Itoa(n)+"-"+string(r.Share.Delivery.Share)+`.zip"`)
	out := zip.NewWriter(w)
	if err := pack(out, root.FS(), name); err != nil {
		panic(http.ErrAbortHandler) // the browser sees that the file is not whole
	}
	if err := out.Close(); err != nil {
		panic(http.ErrAbortHandler)
	}
	return nil
}

// pack puts every regular file into the archive, below a folder of a name.
func pack(out *zip.Writer, from fs.FS, name string) error {
	return fs.WalkDir(from, ".", func(at string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		f, err := from.Open(at)
		if err != nil {
			return err
		}
		defer f.Close()
		w, err := out.CreateHeader(&zip.FileHeader{Name: path.Join(name, at), Method: zip.Store})
		if err != nil {
			return err
		}
		_, err = io.Copy(w, f)
		return err
	})
}
