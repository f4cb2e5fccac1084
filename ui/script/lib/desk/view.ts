// A share as a custodian sees it, once it is unlocked: the parts that the page's script writes. The forms stand in the page.

import { make, pressable } from "../dom.ts";
import type { Event, Note } from "../mailbox/mailbox.ts";
import { bytes } from "../share/sentences.ts";
import type { ManifestClip } from "../share/manifest.ts";
import type { Texts } from "../texts.ts";
import { rungs } from "./judge.ts";
import type { Finding } from "./judge.ts";
import type { View } from "./messages.ts";
import type { Manifest } from "./manifest.ts";

export class ShareView {
  readonly #time: Intl.DateTimeFormat;

  constructor(
    private readonly texts: Texts,
    zone: string,
  ) {
    this.#time = new Intl.DateTimeFormat(texts.lang, { timeZone: zone, dateStyle: "long", timeStyle: "short" });
  }

  when(at: string): string {
    return this.#time.format(new Date(at));
  }

  /** The sentence for a code, by how its key begins. */
  coded(family: string, code: string): string {
    return this.texts.has(`${family}${code}`) ? this.texts.t(`${family}${code}`) : this.texts.t(`${family}other`, { code });
  }

  clipFacts(c: ManifestClip): HTMLElement {
    const { texts } = this;
    const { from, to, source } = c.capture;
    const captured = from === undefined ? texts.t("desk.clip.captured.unknown") : `${this.when(from)}${to ? ` – ${this.when(to)}` : ""}. ${texts.t("desk.clip.source", { source: texts.t(`desk.capture.${source}`) })}`;
    const edits = [...new Set(c.edits.map((e) => texts.t(`desk.edit.${e.code}`)))].join("; ") || texts.t("desk.clip.noedits");
    return make(
      "dl", { class: "facts wide" }, fact(texts.t("desk.clip.name"), `${c.name} (${c.media_type}, ${bytes(c.size, texts)})`), fact(texts.t("desk.clip.captured"), captured),
      fact(texts.t("desk.clip.edits"), c.original.sent ? texts.t("desk.clip.original") : edits),
      ...(c.findings_kept?.length ? [fact(texts.t("desk.clip.kept"), c.findings_kept.join(", "))] : []), fact("SHA-256", make("code", {}, c.sha256)),
    );
  }

  ladder(v: View, clip: ManifestClip): HTMLElement {
    const { texts } = this;
    const steps = rungs.map(([code, state]) =>
      make(
        "li", { class: `rung rung-${state}` }, make("p", {}, make("strong", {}, texts.t(`desk.rung.${code}`)), " ", make("span", { class: "chip" }, this.#state(code, state))),
        make("p", {}, texts.t(`desk.rung.${code}.${state}`)),
      ),
    );
    const count = (level: string) => v.findings.filter((f) => f.level === level).length;
    const others = v.findings.filter((f) => !f.code.startsWith("rung_") && (f.clip === "" || f.clip === clip.name));
    return make(
      "section", { "aria-labelledby": "ladder" }, make("h2", { id: "ladder" }, texts.t("desk.ladder")), make("p", { class: "quiet" }, texts.t("desk.ladder.text")), make("ol", { class: "ladder" }, ...steps),
      make("h3", {}, texts.t("desk.findings")), make("p", { class: "quiet" }, texts.t("desk.findings.text", { ok: count("ok"), warn: count("warn"), fail: count("fail") })),
      make("details", {}, make("summary", {}, texts.t("desk.findings.all")), make("ul", { class: "findings" }, ...others.map((f) => this.#finding(f)))),
    );
  }

  #state(code: string, state: string): string {
    return code === "origin_unknown" ? this.texts.t(`desk.origin.${state}`) : this.texts.t(`desk.rungstate.${state}`);
  }

  #finding(f: Finding): HTMLElement {
    return make("li", {}, make("span", { class: `chip finding-${f.level}` }, this.texts.t(`desk.level.${f.level}`)), " ", this.coded("staff.desk.finding.", f.level === "fail" ? `${f.code}.fail` : f.code));
  }

  words(m: Manifest): HTMLElement {
    const { texts } = this;
    const named = [m.contact?.name, m.contact?.email, m.contact?.phone].filter((s) => s).join(", ");
    return make(
      "section", { "aria-labelledby": "words" }, make("h2", { id: "words" }, texts.t("desk.words")), make("p", { class: "quiet" }, texts.t("desk.words.who", { who: m.pseudonym })),
      m.message ? make("p", { class: "said" }, m.message) : make("p", {}, texts.t("desk.words.none")),
      named ? make("p", {}, make("strong", {}, texts.t("desk.words.contact")), ` ${named}`) : make("p", { class: "quiet" }, texts.t("desk.words.unnamed")),
    );
  }

  talk(notes: Note[]): HTMLElement {
    if (notes.length === 0) return make("p", {}, this.texts.t("desk.talk.none"));
    return make("ol", { class: "talk" }, ...notes.map((n) => make(
      "li", { class: `talk-${n.from}` }, make("p", { class: "quiet" }, `${this.texts.t(`desk.party.${n.from}`)} · ${this.when(n.at)}`),
      n.broken ? make("p", { class: "notice notice-warn" }, this.texts.t("staff.desk.broken")) : make("p", { class: "request-text" }, n.text),
    )));
  }

  custody(events: Event[]): HTMLElement {
    const { texts } = this;
    return make("ol", { class: "history" }, ...events.map((e) => {
      const by = e.party === "agency" ? texts.t("desk.custody.by", { who: e.signer }) : texts.t("desk.custody.exchange");
      const detail = this.#detail(e);
      return make("li", {}, make("time", { datetime: e.at }, this.when(e.at)), make("p", {}, make("strong", {}, texts.t(`desk.event.${e.kind}`)), " ", make("span", { class: "quiet" }, by)), ...(detail ? [make("p", { class: "quiet" }, detail)] : []));
    }));
  }

  #detail(e: Event): string {
    const { texts } = this;
    const d = e.detail ?? {};
    const note = d["note"] ? ` ${d["note"]}` : "";
    const counts = /^ok=(\d+) warn=(\d+) fail=(\d+)$/.exec(d["findings"] ?? "");
    if (e.kind === "verified" && counts) return texts.t("desk.findings.text", { ok: Number(counts[1]), warn: Number(counts[2]), fail: Number(counts[3]) });
    if (e.kind === "declined") return texts.t("desk.custody.declined", { reason: texts.t(`desk.decline.reason.${d["reason"]}`), helps: texts.t(`desk.decline.helps.${d["exculpatory"]}`) }) + note;
    if (e.kind === "answered") return texts.t(`desk.recall.${d["answer"]}`) + note;
    return e.kind === "exported" ? texts.t("desk.custody.package", { hash: d["package_sha256"] ?? "" }) : "";
  }

  /** Buttons that choose among several clips. */
  choice(clips: ManifestClip[], now: number, choose: (i: number) => void): HTMLElement {
    return make("div", { class: "buttons", role: "group", "aria-label": this.texts.t("desk.clips") }, ...clips.map((c, i) => {
      const b = pressable(c.name, () => choose(i));
      b.classList.add("button-plain");
      b.setAttribute("aria-pressed", String(i === now));
      return b;
    }));
  }
}

const fact = (name: string, value: string | Node): HTMLElement => make("div", {}, make("dt", {}, name), make("dd", {}, value));
