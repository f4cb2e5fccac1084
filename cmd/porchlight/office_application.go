package main

import (
	"context"
	"fmt"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
)

const applicationsHelp = `Lists what came in on the public page /apply. Nothing in it was checked. With --accept ID the applicant is
entered into the register under the IDs that --agency and --body give; it may not ask before an attestor's statement ('attest') and an
operator's approval ('approve') are in force. With --refuse ID it is refused for one --reason, which the applicant reads:

  not_local, not_confirmed, number_unknown, wrong_boundary, known_already, runs_the_exchange,
  policy_forbids, not_complete

Either way the application is forgotten after 90 days.`

func runAgencyApplications(ctx context.Context, e env, args []string) error {
	fs, n := officeFlags("agency applications")
	asJSON := fs.Bool("json", false, "print JSON")
	accept := fs.String("accept", "", "enter the applicant of the application `ID` into the register")
	agency := fs.String("agency", "", "with --accept: register `ID` of the agency, for ever")
	body := fs.String("body", "", "with --accept: `ID` of the legal body that it is a part of")
	refuse := fs.String("refuse", "", "refuse the application `ID`")
	reason := fs.String("reason", "", "with --refuse: the `reason`, from the list above")
	if _, err := parse(e, fs, args, 0, 0); err != nil {
		return err
	}
	if (*accept == "") != (*agency == "") || (*accept == "") != (*body == "") || (*refuse == "") != (*reason == "") || *accept != "" && *refuse != "" {
		return usagef("write --accept ID --agency ID --body ID, or --refuse ID --reason REASON")
	}
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error {
		if id := *accept + *refuse; id != "" {
			answer := api.ApplicationAnswer{Agency: footage.AgencyID(*agency), Body: footage.BodyID(*body), Reason: footage.ApplicationReason(*reason)}
			if err := x.AnswerApplication(ctx, footage.ApplicationID(id), answer); err != nil {
				return err
			}
			fmt.Fprintf(e.stdout, "Answered %s.\n", id)
			return nil
		}
		all, err := x.Applications(ctx)
		if err != nil {
			return err
		}
		if *asJSON {
			return printJSON(e.stdout, all)
		}
		for _, a := range all {
			printApplication(e, a)
		}
		return nil
	})
}

func printApplication(e env, a api.WaitingApplication) {
	in := a.Application
	fmt.Fprintf(e.stdout, "%s  %s\n  %s, %s, %s %s; number %s; of %s\n  %s\n  %s %s %s\n", a.ID, a.Received.Format(time.DateOnly),
		in.Name, in.Type, in.County, in.State, in.ORI+in.FDID+in.LocalID, in.BodyName, in.Website, in.Contact.Name, in.Contact.Email, in.Contact.Phone)
}
