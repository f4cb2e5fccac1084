package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
)

func personCommand() command {
	return command{name: "person", summary: "people and their invitations",
		help: "The staff of agencies and of the exchange itself. The public record shows a person's random ID, roles and public key, never the name.",
		sub: []command{
			{name: "add", args: "NAME", summary: "add a person and print an invitation", run: runPersonAdd,
				help: "Prints a token with which the person enrols an authenticator, once and within 7 days. Give it to nobody else. The name is shown to nobody but this office."},
			{name: "invite", args: "PERSON", summary: "give a person a new invitation", run: runPersonInvite,
				help: "For a new or lost device, or for somebody who comes back after being disabled. The authenticator that the person then enrols replaces the old one once a second person has confirmed it. Disable the person first if the old device may be in strange hands."},
			{name: "confirm", args: "PERSON", summary: "let a person's new device count", run: runPersonConfirm,
				help: "A new device of somebody who had one before, or was disabled, takes a second person: an administrator of the agency or an operator, who do it on the signed-in pages. Here, at the machine, it can be done for people who were invited by somebody else, or while the exchange has no operator with a passkey."},
			{name: "rank", args: "PERSON RANK", summary: "swear a person of an agency in to a rank", run: runPersonRank,
				help: "The ranks are officer, sergeant, lieutenant, captain and chief; none takes it away. A lower one counts at once, a higher one when a second person has confirmed it on the signed-in pages. With --confirm the rank that waits is confirmed here: for what somebody else proposed, or while the exchange has no operator with a passkey."},
			{name: "list", summary: "list people", run: runPersonList, help: "Lists an agency's people, or the exchange's own."},
			{name: "disable", args: "PERSON", summary: "disable a leaver at once", run: runPersonDisable,
				help: "Ends the person's sessions and keys. People are never deleted: the record needs their public keys. Somebody who comes back is invited again, and a second person confirms their device."},
			{name: "suspend", args: "PERSON", summary: "suspend a person at once", run: runPersonSuspend,
				help: "The person cannot act, and open requests that bear their signature take no more shares. The reason is public and must be given; the name is not."},
			{name: "restore", args: "PERSON", summary: "end a suspension", run: runPersonRestore, help: "Ends a suspension. What was open before takes shares again."},
		}}
}

func runPersonAdd(ctx context.Context, e env, args []string) error {
	fs, n := officeFlags("person add")
	agency := fs.String("agency", "", "the agency's register `ID`; without it the exchange's own staff")
	roles := fs.String("roles", "", "`roles`, separated by commas: officer, supervisor, custodian, agency_admin; or operator, moderator, auditor")
	asJSON := fs.Bool("json", false, "print JSON")
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	var list []footage.Role
	for role := range strings.SplitSeq(*roles, ",") {
		if role = strings.TrimSpace(role); role != "" {
			list = append(list, footage.Role(role))
		}
	}
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error {
		p, token, err := x.InvitePerson(ctx, footage.AgencyID(*agency), rest[0], list...)
		if err != nil {
			return err
		}
		return printInvitation(e, x.Info().RP.Origin, "Added", p.ID, token, *asJSON)
	})
}

func runPersonInvite(ctx context.Context, e env, args []string) error {
	fs, n := officeFlags("person invite")
	asJSON := fs.Bool("json", false, "print JSON")
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error {
		token, err := x.InviteAgain(ctx, footage.PersonID(rest[0]))
		if err != nil {
			return err
		}
		return printInvitation(e, x.Info().RP.Origin, "Invited", footage.PersonID(rest[0]), token, *asJSON)
	})
}

func runPersonConfirm(ctx context.Context, e env, args []string) error {
	fs, n := officeFlags("person confirm")
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error {
		if err := x.ConfirmDevice(ctx, "", footage.PersonID(rest[0])); err != nil {
			return err
		}
		from := "72 hours from now, unless somebody stops it"
		if x.Info().Fictional {
			from = "now"
		}
		fmt.Fprintf(e.stdout, "Confirmed the new device of %s. It counts in the place of the old one %s.\n", rest[0], from)
		return nil
	})
}

func runPersonRank(ctx context.Context, e env, args []string) error {
	fs, n := officeFlags("person rank")
	confirm := fs.Bool("confirm", false, "confirm the rank that waits; no RANK is named then")
	rest, err := parse(e, fs, args, 1, 2)
	if err != nil {
		return err
	}
	if *confirm == (len(rest) == 2) {
		return usagef("name a rank, or give --confirm")
	}
	id := footage.PersonID(rest[0])
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error {
		if *confirm {
			err = x.ConfirmRank(ctx, "", id)
		} else {
			rank := footage.Rank(rest[1])
			if rank == "none" {
				rank = ""
			}
			err = x.SetRank(ctx, "", id, rank)
		}
		if err != nil {
			return err
		}
		p, err := x.Person(ctx, id)
		if err == nil {
			fmt.Fprintln(e.stdout, rankText(p))
		}
		return err
	})
}

// rankText says a person's rank, and the one that waits.
func rankText(p footage.Person) string {
	rank := cmp.Or(p.Rank, "no rank")
	if p.Proposed != "" {
		return fmt.Sprintf("%s: %s; %s waits for a second person.", p.ID, rank, p.Proposed)
	}
	return fmt.Sprintf("%s: %s.", p.ID, rank)
}

func printInvitation(e env, base, done string, id footage.PersonID, token string, asJSON bool) error {
	if asJSON {
		return printJSON(e.stdout, map[string]string{"person": string(id), "token": token})
	}
	fmt.Fprintf(e.stdout, "%s %s.\nInvitation, for one use within 7 days:\n  %s\nThe person opens, on the device that is to hold the passkey:\n  %s/staff/join#%s\nOn a fictional exchange 'porchlight desk enrol' does as well.\n", done, id, token, base, token)
	return nil
}

func runPersonList(ctx context.Context, e env, args []string) error {
	fs, n := officeFlags("person list")
	agency := fs.String("agency", "", "the agency's register `ID`; without it the exchange's own staff")
	asJSON := fs.Bool("json", false, "print JSON")
	if _, err := parse(e, fs, args, 0, 0); err != nil {
		return err
	}
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error {
		all, err := x.People(ctx, footage.AgencyID(*agency))
		if err != nil {
			return err
		}
		if *asJSON {
			return printJSON(e.stdout, append([]footage.Person{}, all...))
		}
		w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
		for _, p := range all {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", p.ID, p.Name, roleList(p.Roles), map[bool]string{true: "disabled", false: "active"}[p.Disabled])
		}
		return w.Flush()
	})
}

func roleList(roles []footage.Role) string {
	names := make([]string, len(roles))
	for i, role := range roles {
		names[i] = string(role)
	}
	return strings.Join(names, ",")
}

func runPersonDisable(ctx context.Context, e env, args []string) error {
	fs, n := officeFlags("person disable")
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error {
		if err := x.DisablePerson(ctx, footage.PersonID(rest[0])); err != nil {
			return err
		}
		fmt.Fprintf(e.stdout, "Disabled %s.\n", rest[0])
		return nil
	})
}

func runPersonSuspend(ctx context.Context, e env, args []string) error {
	fs, n := officeFlags("person suspend")
	reason := fs.String("reason", "", "the `reason`, which the public sees")
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error {
		if err := x.SuspendPerson(ctx, footage.PersonID(rest[0]), *reason); err != nil {
			return err
		}
		fmt.Fprintf(e.stdout, "Suspended %s.\n", rest[0])
		return nil
	})
}

func runPersonRestore(ctx context.Context, e env, args []string) error {
	fs, n := officeFlags("person restore")
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error {
		if err := x.RestorePerson(ctx, footage.PersonID(rest[0])); err != nil {
			return err
		}
		fmt.Fprintf(e.stdout, "Restored %s.\n", rest[0])
		return nil
	})
}
