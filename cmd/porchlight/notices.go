package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/resident"
)

// maySend reports why nothing should be sent to an exchange: it says so in a notice of an incident.
func maySend(ctx context.Context, x *resident.Exchange) error {
	all, err := x.Client.Notices(ctx)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(all, func(n footage.Notice) bool { return n.Advises(footage.AdviceDoNotSend) }) {
		return footage.Coded(footage.Unavailable, "do_not_send", footage.DoNotSend)
	}
	return nil
}

// showNotices prints the notices that are open, with what whoever has a receipt should do.
func showNotices(ctx context.Context, w io.Writer, x *resident.Exchange) error {
	all, err := x.Client.Notices(ctx)
	for _, n := range all {
		if !n.Open() {
			continue
		}
		fmt.Fprintf(w, "porchlight: notice: something went wrong with this exchange (found %s). What to do:\n", n.Found.Format("2006-01-02"))
		for _, a := range n.Says().Advice {
			fmt.Fprintf(w, "  - %s\n", adviceText(a))
		}
		fmt.Fprintf(w, "  More: %s/notices/%s\n", x.Client.Base, n.ID)
	}
	return err
}

// adviceText is the sentence of an advice.
func adviceText(a footage.NoticeAdvice) string {
	switch a {
	case footage.AdviceDoNotSend:
		return "Do not send anything until the notice says that you can."
	case footage.AdviceTakeBack:
		return "Take your share back, unless the agency has it already: porchlight receipt withdraw."
	case footage.AdviceReceipt:
		return "Look at your receipt: does it still say what you expect?"
	case footage.AdviceRotate:
		return "Agencies that are named there must open a new key."
	case footage.AdviceNothing:
		return "You need do nothing."
	}
	return string(a)
}
