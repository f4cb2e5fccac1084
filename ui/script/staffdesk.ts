// The page in which an agency opens one share, served by the exchange: the custodian's keys are unlocked here, in a worker, and
// clips are opened here. What the page trusts stands above the form that unlocks it.

import { find, island, make, pressable, saveFile } from "./lib/dom.ts";
import { Refused } from "./lib/errors.ts";
import { sweep } from "./lib/desk/folder.ts";
import { forget, keep, kept, newSalt, passkeyKey } from "./lib/desk/keeping.ts";
import type { FromWorker, Kept, Setting, ToWorker, View } from "./lib/desk/messages.ts";
import { frame, shownAs } from "./lib/desk/preview.ts";
import { ShareView } from "./lib/desk/view.ts";
import { bytes } from "./lib/share/sentences.ts";
import { Texts } from "./lib/texts.ts";
import { worker } from "./lib/worker.ts";

island("[data-staffdesk]", (element) => {
  for (const note of document.querySelectorAll<HTMLElement>("[data-without-script]")) note.hidden = true;
  void Texts.load("staffdesk").then((texts) => new StaffDesk(element, texts).start());
});

class StaffDesk {
  readonly #setting: Setting;
  readonly #show: ShareView;
  #worker: Worker | undefined;
  #view: View | undefined;
  #files: File[] = []; // the open clips, in the order of their list
  #folder = "";
  #drop: (folder: string) => Promise<void> = () => Promise.resolve();
  #shown = 0;
  #busy = false;
  #kept: Kept | undefined;
  #salt: Uint8Array<ArrayBuffer> | undefined; // of a key that is about to be kept
  #credential = "";
  readonly #saved = new Set<number>();

  constructor(
    private readonly element: HTMLElement,
    private readonly texts: Texts,
  ) {
    this.#setting = JSON.parse(element.dataset["staffdesk"] ?? "{}") as Setting;
    this.#show = new ShareView(texts, this.#setting.zone);
  }

  async start(): Promise<void> {
    this.#form("#desk-unlock form", () => void this.#unlock());
    this.#form("#desk-ask", (f) => this.#ask({ act: "ask", text: value(f, "question") }));
    this.#form("#desk-decline form", (f) => this.#decline(f));
    this.#form("#desk-recall form", (f) => void this.#recall(f));
    this.#form("#desk-confirm", (f) => this.#holding(f, "kept", () => this.#ask({ act: "confirm" })));
    find(this.element, "#desk-passkey button").addEventListener("click", () => void this.#unlockKept());
    window.addEventListener("pagehide", () => this.#close());
    this.#drop = await sweep();
    this.#kept = await kept(this.#setting.person);
    this.#part("#desk-passkey").hidden = !this.#kept;
    this.#part("#desk-unlock").hidden = false;
  }

  #part(selector: string): HTMLElement {
    return find<HTMLElement>(this.element, selector);
  }

  #form(selector: string, send: (form: HTMLFormElement) => void): void {
    const form = find<HTMLFormElement>(this.element, selector);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.#busy) send(form);
    });
  }

  /** Closes what lies open. The worker ends, and its lock with it. */
  #close(): void {
    this.#worker?.terminate();
    if (this.#folder !== "") void this.#drop(this.#folder);
  }

  async #unlock(): Promise<void> {
    const input = find<HTMLInputElement>(this.element, "#desk-file");
    const pass = find<HTMLInputElement>(this.element, "#desk-pass");
    const file = input.files?.[0];
    if (!file || file.size > 1 << 20) return this.#fail(file ? "bad_device" : "no_file");
    const passphrase = pass.value;
    pass.value = "";
    this.#ask({ act: "unlock", setting: this.#setting, with: { file: new Uint8Array(await file.arrayBuffer()), passphrase } });
  }

  async #unlockKept(): Promise<void> {
    if (!this.#kept || this.#busy) return;
    try {
      const { key } = await passkeyKey([this.#kept.credential], this.#kept.salt);
      this.#ask({ act: "unlock", setting: this.#setting, with: { kept: this.#kept, key } });
    } catch (error) {
      this.#fail(refusal(error));
    }
  }

  async #keep(): Promise<void> {
    try {
      const salt = newSalt();
      const { credential, key } = await passkeyKey(this.#setting.passkeys, salt);
      this.#salt = salt;
      this.#credential = credential;
      this.#ask({ act: "keep", key });
    } catch (error) {
      this.#fail(refusal(error));
    }
  }

  async #keepSealed(sealed: Uint8Array<ArrayBuffer>): Promise<void> {
    if (!this.#salt) return;
    try {
      this.#kept = { person: this.#setting.person, credential: this.#credential, salt: this.#salt, sealed };
      await keep(this.#kept);
      this.#say(this.texts.t("staff.desk.kept"));
    } catch {
      this.#kept = undefined;
      this.#fail("not_kept");
    }
    this.#drawKeep();
  }

  #ask(m: ToWorker): void {
    if (!this.#worker) {
      this.#worker = worker("staffdesk.worker.js");
      this.#worker.onmessage = (event: MessageEvent<FromWorker>) => this.#hear(event.data);
      this.#worker.onerror = () => this.#hear({ what: "failed", act: m.act, code: "internal" });
    }
    this.#busy = true;
    this.#part("#desk-says").hidden = true;
    this.#say(this.texts.t("staff.desk.busy"));
    this.#worker.postMessage(m);
  }

  #hear(m: FromWorker): void {
    if (m.what === "progress") return this.#progress(m.done, m.total);
    this.#busy = false;
    this.#part("progress").hidden = true;
    if (m.what === "failed") return this.#fail(m.code);
    if (m.what === "kept") return void this.#keepSealed(m.sealed);
    this.#view = m.view;
    if (m.what === "unlocked") this.#unlocked(m.fingerprint);
    if (m.what === "opened") {
      this.#files = m.files;
      this.#folder = m.folder;
      this.#part("#desk-ask").hidden = false;
    }
    this.#say(m.what === "unlocked" ? this.texts.t("staff.desk.unlocked") : this.#done(m.what === "done" ? m.act : "open"));
    if (m.what === "done") for (const form of this.element.querySelectorAll("form")) form.reset();
    this.#draw(m.what === "opened");
  }

  #done(act: string): string {
    const { texts } = this;
    switch (act) {
      case "accept":
        return texts.t("desk.done.accepted");
      case "decline":
        return texts.t("desk.done.declined");
      case "ask":
        return texts.t("desk.done.asked");
      case "answer":
        return texts.t("desk.done.answered");
      case "confirm":
        return texts.t("desk.done.confirmed");
    }
    return texts.t("desk.done.opened");
  }

  #progress(done: number, total: number): void {
    const bar = find<HTMLProgressElement>(this.element, "progress");
    bar.hidden = false;
    bar.value = total > 0 ? (100 * done) / total : 0;
    this.#say(this.texts.t("desk.work.done", { done: bytes(done, this.texts), total: bytes(total, this.texts) }));
  }

  #say(words: string): void {
    this.#part("#desk-busy").textContent = words;
  }

  #fail(code: string): void {
    this.#say("");
    const says = this.#part("#desk-says");
    says.textContent = this.#show.coded("staff.desk.error.", code);
    says.hidden = false;
    says.scrollIntoView({ block: "nearest" });
  }

  #unlocked(fingerprint: string): void {
    this.#part("#desk-unlock").remove();
    this.#part("#desk-open").hidden = false;
    this.#part("#desk-device").textContent = this.texts.t("staff.desk.device", { fingerprint });
    this.#drawKeep();
  }

  #drawKeep(): void {
    const { texts } = this;
    const button = this.#kept
      ? pressable(texts.t("staff.desk.forget"), () => void forget(this.#setting.person).then(() => {
          this.#kept = undefined;
          this.#drawKeep();
        }))
      : pressable(texts.t("staff.desk.keep"), () => void this.#keep());
    button.classList.add("button-plain");
    this.#part("#desk-keep").replaceChildren(make("p", { class: "quiet" }, this.#kept ? texts.t("staff.desk.keep.is") : texts.t("staff.desk.keep.text")), make("div", { class: "buttons" }, button));
  }

  #has(kind: string): boolean {
    return this.#view?.events.some((e) => e.kind === kind) ?? false;
  }

  #draw(focus: boolean): void {
    const v = this.#view;
    if (!v) return;
    const open = this.#files.length > 0;
    const state = document.querySelector(".desk-head .chip");
    if (state && this.texts.has(`desk.state.${v.state}`)) state.textContent = this.texts.t(`desk.state.${v.state}`);
    const over = this.#has("declined") || this.#has("confirmed");
    this.#part("#desk-custody-list").replaceChildren(this.#show.custody(v.events));
    this.#part("#desk-next").replaceChildren(...this.#next(v, open, over));
    this.#part("#desk-confirm").hidden = !open || over || !this.#has("accepted");
    this.#part("#desk-decline").hidden = !open || over;
    this.#part("#desk-recall").hidden = !v.recalled || this.#has("answered");
    if (open && v.manifest) {
      this.#part("#desk-two").hidden = false;
      this.#part("#desk-talk").replaceChildren(this.#show.talk(v.talk));
      this.#part("#desk-words").replaceChildren(this.#show.words(v.manifest));
      if (focus) void this.#drawClip(0);
    }
    if (focus) this.#part("#desk-next-head").focus();
  }

  #next(v: View, open: boolean, over: boolean): HTMLElement[] {
    const { texts } = this;
    const gone = ["erased", "lost", "expired", "withdrawn", "taken_back"].includes(v.state);
    if (!open) {
      if (gone || over) return [make("p", {}, texts.t("desk.next.none"))];
      return [make("p", {}, texts.t("staff.desk.next.open")), buttons(pressable(texts.t("desk.open"), () => this.#go({ act: "open" })))];
    }
    const failed = v.findings.some((f) => f.level === "fail");
    const save = (v.manifest?.clips ?? []).map((c, i) => {
      const b = pressable(texts.t("staff.desk.save", { name: c.name }), () => this.#save(i, c.name));
      b.classList.add("button-plain");
      return b;
    });
    const papers = pressable(texts.t("staff.desk.papers"), () => saveFile(`papers-${this.#setting.share}.json`, v.papers, "application/json"));
    papers.classList.add("button-plain");
    const out = [buttons(...save, papers), make("p", { class: "quiet" }, texts.t("staff.desk.package"))];
    if (over) return out;
    if (this.#has("accepted")) return [make("p", {}, texts.t("staff.desk.next.confirm")), ...out];
    if (failed) return [make("p", {}, texts.t("desk.next.fails")), ...out];
    return [make("p", {}, texts.t("desk.next.decide")), buttons(pressable(texts.t("desk.accept"), () => this.#go({ act: "accept" }))), ...out];
  }

  #go(m: ToWorker): void {
    if (!this.#busy) this.#ask(m);
  }

  /** Hands an open clip to the browser to be kept as a file. */
  #save(i: number, name: string): void {
    const file = this.#files[i];
    if (!file) return;
    const url = URL.createObjectURL(file);
    make("a", { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
    this.#saved.add(i);
  }

  async #drawClip(i: number): Promise<void> {
    const clip = this.#view?.manifest?.clips[i];
    const file = this.#files[i];
    if (!clip || !file || !this.#view?.manifest) return;
    this.#shown = i;
    const { clips } = this.#view.manifest;
    const as = await shownAs(file, clip.media_type);
    const { texts } = this;
    const unshown = make("p", { class: "empty" }, texts.t("staff.desk.unshown", { type: clip.media_type }));
    const player = make("div", {}, unshown);
    const title = texts.t("desk.frame.title", { name: clip.name });
    if (as !== "") player.replaceChildren(frame(this.#setting.frame, title, { file, as, name: clip.name }, () => player.replaceChildren(unshown)), make("p", { class: "quiet" }, texts.t("staff.desk.frame")));
    this.#part("#desk-clip").replaceChildren(
      make("h2", { id: "clip" }, texts.t("desk.clip", { position: i + 1, total: clips.length })), player,
      ...(clips.length > 1 ? [this.#show.choice(clips, this.#shown, (n) => void this.#drawClip(n))] : []), this.#show.clipFacts(clip),
    );
    this.#part("#desk-know").replaceChildren(this.#show.ladder(this.#view, clip));
  }

  /** Runs an act that lets the exchange erase its copy, once the person says that the agency's own copies are kept. */
  #holding(form: HTMLFormElement, box: string, act: () => void): void {
    if (this.#saved.size < this.#files.length || value(form, box) === "") return this.#fail("unsaved");
    act();
  }

  #decline(form: HTMLFormElement): void {
    const [reason, exculpatory, note] = [value(form, "reason"), value(form, "helps"), value(form, "why").trim()];
    if (reason === "" || (reason === "other" && note === "")) return this.#fail("decline_reason");
    if (exculpatory === "") return this.#fail("decline_exculpatory");
    this.#holding(form, "held", () => this.#ask({ act: "decline", detail: { reason, exculpatory, ...(note ? { note } : {}) } }));
  }

  async #recall(form: HTMLFormElement): Promise<void> {
    const [answer, note] = [value(form, "answer"), value(form, "law").trim()];
    if (answer === "" || (answer === "kept_by_law" && note === "")) return this.#fail("recall_answer");
    if (answer === "destroyed" && this.#folder !== "") {
      this.#part("#desk-clip").replaceChildren(); // what is deleted must not stay open
      await this.#drop(this.#folder);
      this.#files = [];
    }
    this.#ask({ act: "answer", detail: { answer, ...(note ? { note } : {}) } });
  }
}

const buttons = (...all: HTMLElement[]): HTMLElement => make("div", { class: "buttons" }, ...all);

const value = (form: HTMLFormElement, name: string): string => {
  const v = new FormData(form).get(name);
  return typeof v === "string" ? v : "";
};

function refusal(error: unknown): string {
  return error instanceof Refused ? error.code : error instanceof DOMException && error.name === "NotAllowedError" ? "cancelled" : "no_prf";
}
