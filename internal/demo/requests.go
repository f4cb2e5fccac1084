package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/desk"
	"porchlight.example/internal/footage"
)

// requests has both agencies ask for what the town's samples say.
func (d *Demo) requests(ctx context.Context) ([]footage.RequestID, error) {
	var ids []footage.RequestID
	for _, sample := range town.Requests() {
		draft, err := d.draft(sample)
		if err != nil {
			return nil, err
		}
		id, err := d.ask(ctx, sample.Agency, draft)
		if err != nil {
			return nil, fmt.Errorf("publish %s: %w", sample.Code, err)
		}
		if sample.End != "" {
			if err := d.end(ctx, sample, id); err != nil {
				return nil, fmt.Errorf("end %s: %w", sample.Code, err)
			}
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// draft returns a sample as an officer would write it.
func (d *Demo) draft(r town.Request) (desk.Draft, error) {
	doc := r.Document(d.opts.Now(), "en")
	area, err := json.Marshal(doc.Area)
	if err != nil {
		return desk.Draft{}, fmt.Errorf("write area: %w", err)
	}
	return desk.Draft{Code: doc.Code, Offence: doc.Offence, Title: doc.Title, Text: doc.Text, Language: doc.Language, Zone: doc.Zone,
		Area: area, From: doc.Window.From.Format(time.RFC3339), To: doc.Window.To.Format(time.RFC3339), Closes: doc.Closes.Format(time.RFC3339),
		Contact: doc.Contact, OwnCase: true, Federal: "none", CaseNumber: r.Case, Place: &r.Place}, nil
}

// ask takes a draft through everybody's hands: written and signed by the officer, approved and handed in by the supervisor, and cleared by the
// moderator.
func (d *Demo) ask(ctx context.Context, agency footage.AgencyID, draft desk.Draft) (footage.RequestID, error) {
	officer, err := d.desk(ctx, agency, footage.Officer)
	if err != nil {
		return "", err
	}
	q, err := write(ctx, officer, draft)
	if err != nil {
		return "", err
	}
	supervisor, err := d.desk(ctx, agency, footage.Supervisor)
	if err != nil {
		return "", err
	}
	if err := approve(ctx, supervisor, q.ID); err != nil {
		return "", err
	}
	if err := supervisor.Submit(ctx, q.ID, false); err != nil {
		return "", err
	}
	return q.ID, d.moderate(ctx, q.ID)
}

// moderate makes a request public that waits in moderation.
func (d *Demo) moderate(ctx context.Context, id footage.RequestID) error {
	moderator, err := d.desk(ctx, "", footage.Moderator)
	if err != nil {
		return err
	}
	return moderator.Clear(ctx, string(id))
}

func write(ctx context.Context, officer *desk.Desk, draft desk.Draft) (api.AgencyRequest, error) {
	in, err := officer.Compose(ctx, draft)
	if err != nil {
		return api.AgencyRequest{}, err
	}
	q, err := officer.Draft(ctx, in)
	if err != nil {
		return q, err
	}
	return q, officer.Sign(ctx, q)
}

func approve(ctx context.Context, supervisor *desk.Desk, id footage.RequestID) error {
	q, err := supervisor.Request(ctx, string(id))
	if err != nil {
		return err
	}
	return supervisor.Approve(ctx, q)
}

func (d *Demo) end(ctx context.Context, sample town.Request, id footage.RequestID) error {
	officer, err := d.desk(ctx, sample.Agency, footage.Officer)
	if err != nil {
		return err
	}
	q, err := officer.Request(ctx, string(id))
	if err != nil {
		return err
	}
	u, err := officer.ComposeUpdate(q, sample.End, sample.EndText["en"])
	if err != nil {
		return err
	}
	return officer.SignUpdate(ctx, u)
}
