package policy

import (
	"net/mail"
	"regexp"
	"strings"
	"time"
	_ "time/tzdata" // zones must be known on machines without a zone database
	"unicode"
	"unicode/utf8"
)

func (d *decision) texts() {
	doc := d.in.Document
	d.length("title", doc.Title)
	d.length("text", doc.Text)
	lines := []string{doc.Title, doc.AgencyName, doc.Contact.Name, doc.Contact.Email, doc.Contact.Phone, doc.Federal}
	plain := Plain(doc.Text, true) && Plain(doc.Changed, true)
	for _, line := range lines {
		plain = plain && Plain(line, false)
	}
	if !plain {
		d.refuse("plain_text", "text_unclean", Words{})
	}
	if n := float64(utf8.RuneCountInString(doc.Changed)); d.over("text_max_characters", n) {
		d.refuse("text_max_characters", "changed_too_long", units("character", "characters", "carácter", "caracteres").text(n))
	}
	for _, line := range []string{doc.Contact.Name, doc.Contact.Email, doc.Contact.Phone, doc.Federal} {
		if utf8.RuneCountInString(line) > maxLine {
			d.refuseWith("contact_required", "line_too_long", quoted(line), Words{
				"The contact's name and addresses may have 200 characters each.",
				"El nombre y las direcciones del contacto pueden tener 200 caracteres cada uno."})
			break
		}
	}
}

// maxLine bounds the fields that no rule bounds: what is published stays for ever.
const maxLine = 200

// length checks the characters of a text, blanks around it not counted.
func (d *decision) length(field, text string) {
	n := float64(utf8.RuneCountInString(strings.TrimSpace(text)))
	value := units("character", "characters", "carácter", "caracteres").text(n)
	if kind := field + "_min_characters"; d.under(kind, n) {
		d.refuse(kind, field+"_too_short", value)
	}
	// The whole text is published, blanks included, so the whole is counted here.
	n = float64(utf8.RuneCountInString(text))
	value = units("character", "characters", "carácter", "caracteres").text(n)
	if kind := field + "_max_characters"; d.over(kind, n) {
		d.refuse(kind, field+"_too_long", value)
	}
}

// Plain reports whether a text shows what it says: valid UTF-8 without control characters, without format characters
// (overrides of direction, invisible joiners), and without line breaks unless there may be lines.
func Plain(s string, lines bool) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if r == '\n' && lines {
			continue
		}
		if unicode.In(r, unicode.C, unicode.Zl, unicode.Zp) {
			return false
		}
	}
	return true
}

var (
	emailForm = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s.]+$`)
	phoneForm = regexp.MustCompile(`^\+?[0-9 ().-]+( ?(x|ext\.?) ?[0-9]{1,6})?$`)
	digits    = regexp.MustCompile(`[0-9]`)
)

func (d *decision) contact() {
	c := d.in.Document.Contact
	if strings.TrimSpace(c.Name) == "" || (c.Email == "" && c.Phone == "") {
		d.refuse("contact_required", "contact_missing", Words{})
	}
	if c.Email != "" && !isEmail(c.Email) {
		d.refuseWith("contact_required", "contact_email_malformed", quoted(c.Email), Words{
			"The e-mail address of the contact is not one.", "El correo electrónico del contacto no es válido."})
	}
	if c.Phone != "" && !isPhone(c.Phone) {
		d.refuseWith("contact_required", "contact_phone_malformed", quoted(c.Phone), Words{
			"The telephone number of the contact is not one; write it such as +1 555 010 0123.",
			"El teléfono del contacto no es válido; escríbalo como +1 555 010 0123."})
	}
}

func isEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Name == "" && a.Address == s && emailForm.MatchString(s)
}

func isPhone(s string) bool {
	n := len(digits.FindAllString(s, -1))
	return phoneForm.MatchString(s) && n >= 7 && n <= 20
}

// knownZone reports whether s names a zone of the IANA database; the machine's own zone and the empty name are none.
func knownZone(s string) bool {
	if s == "" || s == "Local" {
		return false
	}
	_, err := time.LoadLocation(s)
	return err == nil
}
