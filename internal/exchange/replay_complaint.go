package exchange

import (
	"errors"
	"fmt"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// receiveAgain notes that a complaint is in the record. One that the backup does not know has to be answered all the same.
func (b *restore) receiveAgain(tx *store.Tx, e replayed, f ledger.ComplaintReceived) (lost string, err error) {
	c, err := tx.Complaint(f.Complaint)
	if err == nil {
		return "", tx.RecordComplaint(c.ID, e.index)
	}
	if !errors.Is(err, footage.NotFound) {
		return "", err
	}
	return fmt.Sprintf("The words of the complaint %s about %s are lost, and so is its code: nobody can read the answer but where it is public. Answer it all the same.", f.Complaint, f.Agency),
		tx.InsertComplaint(store.Complaint{Complaint: footage.Complaint{ID: f.Complaint, Agency: f.Agency, Request: f.Request, Reason: f.Reason,
			Day: f.Day, Due: f.Due, Entry: e.index}, Credential: LostCase + string(f.Complaint)})
}

// answerAgain notes the answer to a complaint, whose words are lost with what came after the backup.
func (b *restore) answerAgain(tx *store.Tx, e replayed, f ledger.ComplaintAnswered) (lost string, err error) {
	c, err := tx.Complaint(f.Complaint)
	if err != nil {
		return "", err
	}
	c.Outcome, c.LedTo, c.Answered, c.Answers = f.Outcome, nonNil(f.LedTo), e.at, e.index
	return fmt.Sprintf("The words of the answer to the complaint %s about %s are lost; the record holds the outcome and their SHA-256 %s.", f.Complaint, f.Agency, f.Answer),
		tx.AnswerComplaint(c)
}
