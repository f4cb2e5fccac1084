package audit

import "context"

// FollowAlone takes in the record without texts, feed and figures, and returns what was found.
func (a *Auditor) FollowAlone(ctx context.Context) ([]Finding, error) {
	_, err := a.follow(ctx)
	for _, rule := range a.due() {
		rule(a.cfg.Now())
	}
	return a.memory.Findings, err
}
