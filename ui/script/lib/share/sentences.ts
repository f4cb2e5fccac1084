// Codes as sentences. What the checks of proofs refuse has one sentence with the code in it: nobody can mend it but the exchange.

import type { Foreign } from "../media/sniff.ts";
import type { Texts } from "../texts.ts";
import { ended } from "./ends.ts";

/** A refusal in words. */
export function sentence(code: string, texts: Texts): string {
  switch (code) {
    case "clip_changed":
      return texts.t("share.error.clip_changed");
    case "clip_empty":
      return texts.t("share.error.clip_empty");
    case "clip_not_video":
      return texts.t("share.error.clip_not_video");
    case "clip_format":
      return texts.t("share.error.clip_format");
    case "clip_fragmented":
      return texts.t("share.error.clip_fragmented");
    case "clip_too_large":
      return texts.t("share.error.clip_too_large");
    case "clip_cut_short":
      return texts.t("share.error.clip_cut_short");
    case "clip_damaged":
      return texts.t("share.error.clip_damaged");
    case "clip_no_index":
      return texts.t("share.error.clip_no_index");
    case "clip_no_pictures":
      return texts.t("share.error.clip_no_pictures");
    case "clip_encrypted":
      return texts.t("share.error.clip_encrypted");
    case "clip_edited":
      return texts.t("share.error.clip_edited");
    case "clip_blur":
      return texts.t("share.error.clip_blur");
    case "clip_blur_large":
      return texts.t("share.error.clip_blur_large");
    case "clip_cut_empty":
      return texts.t("share.error.clip_cut_empty");
    case "clip_intricate":
    case "clip_interwoven":
    case "clip_index_large":
    case "clip_elsewhere":
    case "clip_sound_in_pictures":
      return texts.t("share.error.clip_intricate");
    case "request_closed":
      return texts.t("share.error.request_closed");
    case "request_withdrawn":
      return texts.t("share.error.request_withdrawn");
    case "request_resolved":
      return texts.t("share.error.request_resolved");
    case "request_expired":
      return texts.t("share.error.request_expired");
    case "agency_suspended":
      return texts.t("share.error.agency_suspended");
    case "agency_paused":
      return texts.t("share.error.agency_paused");
    case "desk_untold":
      return texts.t("share.error.desk_untold");
    case "signer_suspended":
      return texts.t("share.error.signer_suspended");
    case "not_now":
      return texts.t("share.error.not_now");
    case "too_many_shares":
      return texts.t("share.error.too_many_shares");
    case "upload_lost":
      return texts.t("share.error.upload_lost");
    case "too_large":
      return texts.t("share.error.too_large");
    case "full":
      return texts.t("share.error.full");
    case "epoch":
      return texts.t("share.error.epoch");
    case "receipt_signature":
    case "receipt_other":
      return texts.t("share.error.receipt");
    case "state_old":
    case "from_the_future":
      return texts.t("share.error.clock", { now: new Intl.DateTimeFormat(texts.lang, { dateStyle: "full", timeStyle: "short" }).format(new Date()) });
    case "pinned_another":
      return texts.t("share.error.pinned_another");
    case "record_succeeds":
      return texts.t("share.error.record_succeeds");
    case "given_another":
      return texts.t("share.error.given_another");
    case "seen_other":
    case "rolled_back":
    case "record_forked":
      return texts.t("share.error.record_forked");
    case "internal":
      return texts.t("share.error.other", { code });
  }
  return proofCodes.has(code) ? texts.t("share.error.proof", { code }) : texts.t("share.error.other", { code });
}

const proofCodes = new Set(
  ("bundle_type bad_bundle bad_verifier wrong_exchange bad_checkpoint entry_order bad_entry not_in_log epoch_other_agency epoch_order custodian_twice " +
    "attestor_unknown attestation_forged approval_forged not_verified_twice text_changed other_agency published_twice update_unlogged exchange_missing not_published agency_unknown epoch_missing policy_not_adopted " +
    "signature_missing signature_extra signatures_changed signer_unknown signer_role signer_credential software_signature same_person_twice signature_wrong " +
    "update_chain other_request head_type state_missing state_changed agency_not_current agency_outdated desk_outdated key_revoked key_swapped signer_not_current " +
    "signer_disabled signer_suspended_before update_withheld bad_recipient classic_recipient")
    .split(" "),
);

/** What became of what was sent of a share that failed. */
export function whatBecame(code: string, texts: Texts): string {
  if (code.startsWith("receipt")) return "";
  return ended(code) ? texts.t("share.failed.erased") : texts.t("share.failed");
}

/** What a file is that cannot be cleaned, and how one gets another from it. */
export function foreignName(kind: Foreign, texts: Texts): string {
  switch (kind) {
    case "heic":
      return texts.t("share.foreign.heic");
    case "picture":
      return texts.t("share.foreign.picture");
    case "matroska":
      return texts.t("share.foreign.matroska");
    case "avi":
      return texts.t("share.foreign.avi");
    case "stream":
      return texts.t("share.foreign.stream");
    case "archive":
      return texts.t("share.foreign.archive");
  }
  return "";
}

/** A stretch of time in one or two units, such as "2 hours, 10 minutes". */
export function gap(milliseconds: number, texts: Texts): string {
  const minutes = Math.max(1, Math.round(milliseconds / 60_000));
  const say = (n: number, unit: string) => new Intl.NumberFormat(texts.lang, { style: "unit", unit, unitDisplay: "long" }).format(n);
  if (minutes >= 2 * 24 * 60) return say(Math.round(minutes / (24 * 60)), "day");
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return [hours > 0 ? say(hours, "hour") : "", rest > 0 ? say(rest, "minute") : ""].filter((part) => part !== "").join(" ");
}

/** What was taken out of a copy, by the code of an edit. */
export function editName(code: string, texts: Texts): string {
  switch (code) {
    case "blurred":
      return texts.t("share.edit.blurred");
    case "recoded":
      return texts.t("share.edit.recoded");
    case "trimmed":
      return texts.t("share.edit.trimmed");
    case "audio":
      return texts.t("share.edit.audio");
    case "timed_metadata":
      return texts.t("share.edit.timed_metadata");
    case "other_tracks":
      return texts.t("share.edit.other_tracks");
    case "names":
      return texts.t("share.edit.names");
    case "encoder":
      return texts.t("share.edit.encoder");
    case "modified":
      return texts.t("share.edit.modified");
    case "references":
      return texts.t("share.edit.references");
    case "seek_index":
      return texts.t("share.edit.seek_index");
    case "media_data":
      return texts.t("share.edit.media_data");
    case "free":
      return texts.t("share.edit.free");
    case "tail":
      return texts.t("share.edit.tail");
  }
  return texts.t("share.edit.metadata");
}

/** A number of bytes for people. */
export function bytes(n: number, texts: Texts): string {
  if (n >= 1e9) return `${texts.number(n / 1e9, 2)} GB`;
  return n >= 1e6 ? `${texts.number(n / 1e6, 1)} MB` : `${texts.number(n / 1e3, 0)} kB`;
}
