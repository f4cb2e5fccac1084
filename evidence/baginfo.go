package evidence

import (
	"fmt"
	"strings"
	"time"

	"porchlight.example/internal/footage"
)

// bagDeclaration is the whole of bagit.txt.
const bagDeclaration = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

// bagHash is the SHA-256 of both tag manifests, one after the other; it covers every byte of the bag, and anybody can make
// it: cat tagmanifest-sha256.txt tagmanifest-sha512.txt | sha256sum.
func bagHash(tag256, tag512 []byte) string {
	return footage.Hash(append(append([]byte(nil), tag256...), tag512...))
}

// bagInfo writes bag-info.txt.
func bagInfo(p Package, payload map[string]sums) []byte {
	doc := p.Bundle.Record.Document
	var b strings.Builder
	line := func(label, value string) {
		if value = oneLine(value); value != "" {
			b.WriteString(label + ": " + value + "\n")
		}
	}
	line("Source-Organization", doc.AgencyName)
	line("Contact-Name", doc.Contact.Name)
	line("Contact-Email", doc.Contact.Email)
	line("Contact-Phone", doc.Contact.Phone)
	line("External-Description", "Footage given by a resident in answer to the public request "+p.Receipt.Request.Short()+": "+doc.Title)
	line("External-Identifier", string(p.Receipt.Request)+"/"+string(p.Receipt.Share))
	line("Internal-Sender-Identifier", p.Info.Case)
	line("Bag-Group-Identifier", doc.Code)
	line("Bagging-Date", p.Info.Exported.Format(time.DateOnly))
	line("Bagging-Software", p.Info.Software)
	line("Payload-Oxum", oxum(payload))
	return []byte(b.String())
}

// oxum returns the bytes and the number of the payload's files, with a full stop between.
func oxum(payload map[string]sums) string {
	var total int64
	for _, s := range payload {
		total += s.size
	}
	return fmt.Sprintf("%d.%d", total, len(payload))
}

// oneLine makes a value fit for one line: what breaks a line or turns its direction becomes a space.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unprintable(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, " "))
	return strings.Join(strings.Fields(s), " ")
}
