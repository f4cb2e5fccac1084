package exchange

import (
	"context"
	"errors"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
)

const (
	shownWaiting  = 1000 // complaints that wait, in the moderators' list
	shownAnswered = 50   // of those answered last
)

// OwnComplaint returns a complaint to whoever has its code. Every other code gets one answer.
func (x *Exchange) OwnComplaint(ctx context.Context, code string) (out api.OwnComplaint, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		c, err := tx.ComplaintOf(footage.ComplaintCodeHash(code)) // "" is no complaint's
		if errors.Is(err, footage.NotFound) {
			return footage.Coded(footage.Forbidden, "no_complaint", "No complaint has this code. Check it: it has 25 letters and digits.")
		}
		out = api.OwnComplaint{Complaint: c.Complaint, Words: c.Words, Reply: c.Reply, HandOn: c.HandOn, Handed: c.Handed,
			Salt: encode(x.keys.complaintSalt(c.ID)), Commitment: x.keys.ComplaintCommitment(c.ID, c.Words)}
		if c.Words == "" {
			out.Commitment = "" // of what is forgotten
		}
		return err
	})
	return out, err
}

// StaffComplaints returns the complaints that wait, the longest waiting first, and some that were answered last.
func (x *Exchange) StaffComplaints(ctx context.Context, caller footage.PersonID) (out api.Complaints, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		if _, err = x.staff(tx, caller, footage.Moderator, footage.Auditor); err != nil {
			return err
		}
		out, err = complaintLists(tx, caller)
		return err
	})
	return out, err
}

// ComplaintsHere is StaffComplaints for the operator at the machine.
func (x *Exchange) ComplaintsHere(ctx context.Context) (out api.Complaints, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		out, err = complaintLists(tx, "")
		return err
	})
	return out, err
}

func complaintLists(tx *store.Tx, reader footage.PersonID) (out api.Complaints, err error) {
	rows, err := tx.WaitingComplaints(shownWaiting)
	if err == nil {
		out.Waiting, err = complaintItems(tx, rows, reader)
	}
	if err != nil {
		return out, err
	}
	if rows, err = tx.AnsweredComplaints(shownAnswered); err == nil {
		out.Answered, err = complaintItems(tx, rows, reader)
	}
	return out, err
}

// StaffComplaint returns one complaint to a moderator or an auditor.
func (x *Exchange) StaffComplaint(ctx context.Context, caller footage.PersonID, id footage.ComplaintID) (out api.ComplaintItem, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		if _, err := x.staff(tx, caller, footage.Moderator, footage.Auditor); err != nil {
			return err
		}
		c, err := complaint(tx, id)
		if err == nil {
			out, err = complaintItem(tx, c, caller)
		}
		return err
	})
	return out, err
}

// HandedComplaints returns what moderators have handed on to the caller's agency.
func (x *Exchange) HandedComplaints(ctx context.Context, caller footage.PersonID) (out []api.ComplaintItem, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		p, err := x.staff(tx, caller, footage.Supervisor, footage.AgencyAdmin)
		if err != nil {
			return err
		}
		rows, err := tx.HandedComplaints(p.Agency)
		if err != nil {
			return err
		}
		out, err = complaintItems(tx, rows, "")
		for i := range out {
			out[i].Reply = "" // to whoever complained alone
		}
		return err
	})
	return out, err
}

func complaintItems(tx *store.Tx, rows []store.Complaint, reader footage.PersonID) ([]api.ComplaintItem, error) {
	out := []api.ComplaintItem{}
	for _, c := range rows {
		item, err := complaintItem(tx, c, reader)
		if err != nil {
			return nil, err
		}
		out = append(out, item)
	}
	return out, nil
}

func complaintItem(tx *store.Tx, c store.Complaint, reader footage.PersonID) (api.ComplaintItem, error) {
	out := api.ComplaintItem{Complaint: c.Complaint, Words: c.Words, HandOn: c.HandOn, Handed: c.Handed, Reply: c.Reply}
	s, err := registered(tx, c.Agency)
	out.AgencyName = s.Agency.Name
	if err != nil || c.Request == "" {
		return out, err
	}
	q, err := tx.Request(c.Request)
	if errors.Is(err, footage.NotFound) { // lost in a restore
		return out, nil
	}
	if err != nil {
		return out, err
	}
	p, err := publicRequest(tx, q, 0)
	if err != nil {
		return out, err
	}
	out.Title = p.Record.Document.Title
	out.Yours, err = clearedBy(tx, c.Request, reader)
	return out, err
}

// ComplaintsAbout returns what the public knows of the complaints about a request.
func (x *Exchange) ComplaintsAbout(ctx context.Context, id footage.RequestID) ([]footage.Complaint, error) {
	return x.publicComplaints(ctx, func(tx *store.Tx) ([]store.Complaint, error) { return tx.RequestComplaints(id) })
}

// ComplaintsOf returns the same of those about an agency and its requests.
func (x *Exchange) ComplaintsOf(ctx context.Context, id footage.AgencyID) ([]footage.Complaint, error) {
	return x.publicComplaints(ctx, func(tx *store.Tx) ([]store.Complaint, error) { return tx.AgencyComplaints(id) })
}

// ComplaintsBetween returns the same of those that came in on the days of [from, to).
func (x *Exchange) ComplaintsBetween(ctx context.Context, from, to time.Time) ([]footage.Complaint, error) {
	return x.publicComplaints(ctx, func(tx *store.Tx) ([]store.Complaint, error) {
		return tx.ComplaintsBetween(from.UTC().Format(time.DateOnly), to.UTC().Format(time.DateOnly))
	})
}

// NewestComplaints returns the same of those that came in last, the newest first, at most limit of them.
func (x *Exchange) NewestComplaints(ctx context.Context, limit int) ([]footage.Complaint, error) {
	return x.publicComplaints(ctx, func(tx *store.Tx) ([]store.Complaint, error) { return tx.NewestComplaints(limit) })
}

// OverdueComplaints returns the same of those whose answer is overdue.
func (x *Exchange) OverdueComplaints(ctx context.Context) ([]footage.Complaint, error) {
	return x.publicComplaints(ctx, func(tx *store.Tx) ([]store.Complaint, error) {
		return tx.OverdueComplaints(x.now().UTC().Format(time.DateOnly))
	})
}

func (x *Exchange) publicComplaints(ctx context.Context, query func(*store.Tx) ([]store.Complaint, error)) (out []footage.Complaint, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		rows, err := query(tx)
		out = []footage.Complaint{}
		for _, c := range rows {
			out = append(out, c.Complaint)
		}
		return err
	})
	return out, err
}
