package policy

import (
	"strings"
	"testing"

	"porchlight.example/internal/footage"
)

func TestTextLengths(t *testing.T) {
	title := func(n int) func(*Input) { return func(in *Input) { in.Document.Title = strings.Repeat("é", n) } }
	text := func(n int) func(*Input) { return func(in *Input) { in.Document.Text = strings.Repeat("ñ", n) } }
	try(t, []test{
		{"title of 7", title(7), []string{"title_too_short"}},
		{"title of 8", title(8), nil},
		{"title of 120", title(120), nil},
		{"title of 121", title(121), []string{"title_too_long"}},
		{"text of 39", text(39), []string{"text_too_short"}},
		{"text of 40", text(40), nil},
		{"text of 4,000", text(4000), nil},
		{"text of 4,001", text(4001), []string{"text_too_long"}},
		{"title of blanks", func(in *Input) { in.Document.Title = strings.Repeat(" ", 50) }, []string{"title_too_short"}},
		{"change of 4,000", func(in *Input) { in.Document.Changed = strings.Repeat("ñ", 4000) }, nil},
		{"change of 4,001", func(in *Input) { in.Document.Changed = strings.Repeat("ñ", 4001) }, []string{"changed_too_long"}},
		{"text padded with blanks", func(in *Input) { in.Document.Text += strings.Repeat(" ", 4000) }, []string{"text_too_long"}},
	})
}

func TestPlainText(t *testing.T) {
	for name, bad := range map[string]string{
		"right-to-left override": "\u202e", "isolate": "\u2066", "mark": "\u200f", "zero-width space": "\u200b",
		"byte order mark": "\ufeff", "bell": "\a", "tab": "\t", "return": "\r", "nought": "\x00", "escape": "\x1b",
		"line separator": "\u2028", "private use": "\ue000", "tag": "\U000e0041", "broken UTF-8": "\xff",
	} {
		want := []string{"text_unclean"}
		try(t, []test{
			{name + " in the text", func(in *Input) { in.Document.Text += bad }, want},
			{name + " in the title", func(in *Input) { in.Document.Title += bad }, want},
			{name + " in what changed", func(in *Input) { in.Document.Changed = "The van " + bad }, want},
			{name + " in the contact", func(in *Input) { in.Document.Contact.Name += bad }, want},
		})
	}
	try(t, []test{
		{"line break in the title", func(in *Input) { in.Document.Title += "\nmore" }, []string{"text_unclean"}},
		{"line break in the text", func(in *Input) { in.Document.Text += "\nmore" }, nil},
		{"other scripts", func(in *Input) { in.Document.Text += " ¿Vio algo? 見ましたか 🚗" }, nil},
	})
}

func TestContact(t *testing.T) {
	contact := func(name, email, phone string) func(*Input) {
		return func(in *Input) { in.Document.Contact = footage.Contact{Name: name, Email: email, Phone: phone} }
	}
	try(t, []test{
		{"e-mail alone", contact("Unit", "unit@maplewood.example", ""), nil},
		{"telephone alone", contact("Unit", "", "(555) 010-0123 ext. 4"), nil},
		{"name of 200", contact(strings.Repeat("é", 200), "unit@maplewood.example", ""), nil},
		{"name of 201", contact(strings.Repeat("é", 201), "unit@maplewood.example", ""), []string{"line_too_long"}},
		{"neither", contact("Unit", "", ""), []string{"contact_missing"}},
		{"no name", contact(" ", "unit@maplewood.example", ""), []string{"contact_missing"}},
		{"no e-mail address", contact("Unit", "unit at maplewood", ""), []string{"contact_email_malformed"}},
		{"e-mail with a name", contact("Unit", "Unit <unit@maplewood.example>", ""), []string{"contact_email_malformed"}},
		{"e-mail without a domain", contact("Unit", "unit@maplewood", ""), []string{"contact_email_malformed"}},
		{"no telephone number", contact("Unit", "", "call us"), []string{"contact_phone_malformed"}},
		{"too few digits", contact("Unit", "", "911"), []string{"contact_phone_malformed"}},
	})
}

func TestB2CaseNumbersFold(t *testing.T) {
	for _, s := range []string{"24-0012", "24 0012", "24 0012a", "24-0012A", "240012", "24/0012-B", " 24.0012 ", "２４－００１２", "２４ ００１２ａ",
		"24\u200b0012", "٢٤-٠٠١٢", "24-OO12", "24-ОО12", "24-00I2", "24-00l2",
		"24-ՕՕ12", "24-00Ӏ2", "24-00Ⅰ2", "24-001²", "2④-0012", "24₋0012ᵃ", "24-0012𝐚", "२४-००१२"} {
		if got := NormaliseCase(s); got != "240012" {
			t.Errorf("NormaliseCase(%q) = %q", s, got)
		}
	}
	for s, want := range map[string]string{"": "", " - ": "", "abc": "ABC", "MW-24-0013": "MW240013", "ＭＷ２４": "MW24", "МW24": "MW24", "1-A-2": "1A2", "𝟐𝟗": "29", "٩٨": "98"} {
		if got := NormaliseCase(s); got != want {
			t.Errorf("NormaliseCase(%q) = %q, want %q", s, got, want)
		}
	}
	if NormaliseCase("24-0012") == NormaliseCase("24-0013") || NormaliseCase("MW-24") == NormaliseCase("EW-24") {
		t.Error("different cases became one")
	}
}
