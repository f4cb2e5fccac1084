// Written by ui/script/gen from package ledger. Do not edit.

/** Every kind of entry that a reader of the public record knows. */
export const kinds: readonly string[] = [
  "agency.changed",
  "agency.registered",
  "agency.restored",
  "agency.suspended",
  "custodian.added",
  "custody.root",
  "epoch.opened",
  "exchange.created",
  "moderation.decided",
  "moderation.urgent",
  "person.disabled",
  "person.enrolled",
  "person.lent",
  "person.returned",
  "policy.adopted",
  "request.closed",
  "request.published",
  "request.updated",
  "state",
];
