package fsck

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"porchlight.example/internal/store"
)

// tables describes every table that is checked, with all its columns: a column that is added must be thought of here.
func tables() map[string]store.Table {
	all := map[string]store.Table{}
	for _, t := range []struct{ name, key, columns string }{
		{"exchange", "id", "id name origin rp_id rp_origin fictional created log_verifier receipt_key operator"},
		{"policy", "hash", "hash name body adopted in_force ended"},
		{"agency", "id", "id body since suspended reason verification verified_until desk_asked desk_agreed desk_since"},
		{"person", "id", "id agency name roles disabled created seen suspended rank rank_proposed rank_by"},
		{"attestor", "id", "id body since withdrawn reason"},
		{"attestation", "hash", "hash attestor agency body taken log_index"},
		{"approval", "hash", "hash agency person body at taken log_index"},
		{"application", "id", "id body received answered state reason agency"},
		{"census_block", "id", "id spot lon lat households"},
		{"gathering", "id", "id name lon lat metres begins ends"},
		{"invitation", "token_hash", "token_hash person expires used inviter"},
		{"credential", "id", "id person public_key data software created revoked inviter pending"},
		{"key_change", "id", "id agency kind person subject sha256 body asked agreed counts log_index"},
		{"challenge", "hash", "hash purpose data expires"},
		{"session", "token_hash", "token_hash person created expires kind credential client seen"},
		{"lent", "person agency", "person agency until offered agreed"},
		{"machine", "id", "id person name token_hash scopes created expires seen revoked"},
		{"device_login", "device_hash", "device_hash code_hash person credential expires"},
		{"custodian", "id", "id agency person sign_key recipient created disabled"},
		{"epoch", "agency number", "agency number body opened log_index"},
		{"wrapped_key", "agency epoch holder", "agency epoch holder wrapped"},
		{"request", "id", "id agency status document private case_key code author officer supervisor created published closes window_from window_to square_metres log_index head linked approver"},
		{"request_spot", "spot published request", "spot published request window_from window_to west south east north"},
		{"agency_day", "agency day", "agency day requests square_metre_seconds"},
		{"request_update", "request seq", "request seq hash body author published log_index"},
		{"demand", "id", "id received body kind asked gag entered answer given proposed agreed counted settled"},
		{"erasure_total", "period", "period shares"},
		{"notice_step", "id", "id notice step body proposed agreed at log_index"},
		{"withholding", "request", "request body assertions reference proposed withheld log_index"},
		{"moderation", "subject round", "subject round request agency offence submitted urgent appeal findings needs agreed moderator outcome reason words decided log_index"},
		{"complaint", "id", "id agency request reason words hand_on handed credential day due log_index outcome led_to answer reply moderator answered answer_index"},
		{"duty", "request duty", "request duty agency ended first due"},
		{"followup", "hash", "hash request duty body assertion at log_index"},
		{"mail_address", "person", "person address"},
		{"letter", "id", "id person tick urgent due tries sent"},
		{"share", "id", "id request agency epoch state ticket_hash credential_hash declared expires committed released recalled recall_told manifest receipt"},
		{"upload", "id_hash", "id_hash share clip position key length received state segments digest"},
		{"custody_event", "share seq", "share seq at body hash"},
		{"custody_day", "day", "day seed root log_index"},
		{"custody_leaf", "day position", "day position share seq path"},
		{"message", "id", "id share party at released body"},
		{"work_spent", "hash", "hash expires"},
		{"log_entry", "idx", "idx kind subject body"},
		{"log_head", "id", "id size integrated last_at checkpoint"},
		{"job", "name", "name due lease_until last_ok failures"},
		{"loss", "log_index", "log_index what restored"},
	} {
		all[t.name] = store.Table{Name: t.name, Key: strings.Fields(t.key), Columns: strings.Fields(t.columns)}
	}
	return all
}

// Tables returns every table that is checked, by name.
func Tables() []store.Table {
	var all []store.Table
	for _, name := range slices.Sorted(maps.Keys(tables())) {
		all = append(all, tables()[name])
	}
	return all
}

// Unvouched lists the columns for which nothing else vouches, wholly or (with the words behind the name) in some rows: their
// form is checked where they have one, but a changed letter in them can be found by nobody.
func Unvouched() map[string]string {
	return map[string]string{
		"person.name": "", "person.rank": "of people who have not enrolled yet", "person.rank_proposed": "", "person.rank_by": "", "person.created": "", "person.seen": "", "credential.inviter": "", "credential.revoked": "of those that were never confirmed", "person.roles": "of people who have not enrolled yet",
		"credential.data": "but for ID and key", "credential.created": "by more than a minute",
		"custodian.created": "", "custodian.disabled": "of devices whose person is not", "key_change.id": "of those that need a second person", "key_change.asked": "of those that need a second person", "key_change.person": "of those that need a second person", "key_change.sha256": "of those that need a second person", "key_change.body": "",
		"custodian.recipient": "", "custodian.sign_key": "of devices that wait to be let in", "wrapped_key.wrapped": "",
		"withholding.proposed": "", "demand": "", "erasure_total": "",
		"notice_step":     "of what waits for a second person",
		"request.created": "", "request.approver": "", "request.author": "of drafts",
		"moderation.submitted": "", "moderation.appeal": "", "moderation.findings": "", "moderation.needs": "", "moderation.agreed": "",
		"moderation.moderator": "", "moderation.words": "", "moderation.subject": "of what waits", "moderation.round": "of what waits", "moderation.urgent": "of what waits",
		"moderation.request": "of what waits", "mail_address": "", "letter": "", "census_block": "",
		"complaint.hand_on": "", "complaint.handed": "", "complaint.credential": "", "complaint.reply": "", "complaint.moderator": "", "complaint.words": "when they are forgotten",
		"share.ticket_hash": "", "share.credential_hash": "", "share.expires": "of shares that have ended or were not committed", "share.recalled": "",
		"upload.id_hash": "", "upload.state": "", "upload.received": "of shares that were not committed",
		"message": "", "invitation": "", "challenge": "", "session": "", "agency.desk_asked": "of what waits for a second person", "lent.until": "of offers", "lent.offered": "of offers", "machine": "", "device_login": "", "work_spent": "", "job": "", "loss": "",
		"application.id": "", "application.body": "", "application.received": "", "application.answered": "of those that were answered",
	}
}

// row is one row of a table.
type row struct {
	table store.Table
	value store.Row
}

// unreadable says what cannot be read in a row.
type unreadable struct{ error }

func (r row) str(column string) string {
	s, _ := r.value[column].(string) // another type shows when the value is compared
	return s
}

func (r row) num(column string) int64 {
	n, _ := r.value[column].(int64)
	return n
}

func (r row) bytes(column string) []byte {
	b, _ := r.value[column].([]byte)
	return b
}

func (r row) null(column string) bool { return r.value[column] == nil }

func (r row) time(column string) time.Time {
	if n := r.num(column); n != 0 {
		return time.UnixMicro(n).UTC()
	}
	return time.Time{}
}

// name names the row for a person.
func (r row) name() string {
	parts := []string{}
	for _, column := range r.table.Key {
		parts = append(parts, fmt.Sprint(r.value[column]))
	}
	return r.table.Name + " " + strings.Join(parts, "/")
}

// json decodes a column that this program wrote. It must be what the program would write again: that shows every changed
// letter, also in the name of a member.
func (r row) json(column string, v any) error {
	raw := []byte(r.str(column))
	if b := r.bytes(column); b != nil {
		raw = b
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return unreadable{fmt.Errorf("%s is no JSON of its kind (%v)", column, err)}
	}
	again, err := json.Marshal(v)
	if err != nil || !bytes.Equal(again, raw) {
		return unreadable{fmt.Errorf("%s is not as it was written", column)}
	}
	return nil
}

// encoded returns what the program writes for a value.
func encoded(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return "" // compared with what was stored, and different from it
	}
	return string(raw)
}

var hashForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

func isHash(s string) bool { return hashForm.MatchString(s) }

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
