// Going on with a share after the page was closed: the person chooses the same files again.

import { make } from "../dom.ts";
import type { Texts } from "../texts.ts";
import type { Pending } from "./pending.ts";
import { forget } from "./pending.ts";

export class Resuming {
  constructor(
    private readonly texts: Texts,
    private readonly act: { go(files: (File | undefined)[]): void; giveUp(): void },
  ) {}

  offer(p: Pending): HTMLElement {
    const { texts } = this;
    const open = p.clips.map((c, i) => (c.done ? -1 : i)).filter((i) => i >= 0);
    const files: (File | undefined)[] = p.clips.map(() => undefined);
    const says = make("p", { role: "status" });
    const input = make("input", { type: "file", multiple: true, id: "share-again", class: "drop-input" });
    const go = () => {
      const need = open.filter((i) => !files[i]).map((i) => p.clips[i]?.file.name ?? "");
      if (need.length === 0) this.act.go(files);
      else says.textContent = texts.t("share.pending.need", { names: need.join(", ") });
    };
    input.addEventListener("change", () => {
      says.textContent = "";
      for (const file of input.files ?? []) {
        const i = p.clips.findIndex((c) => c.file.name === file.name && c.file.size === file.size && c.file.modified === file.lastModified);
        if (i < 0) {
          says.textContent = texts.t("share.pending.wrong", { name: file.name });
          return;
        }
        files[i] = file;
      }
      go();
    });
    const label = make("label", { class: "drop", for: input.id }, make("span", { class: "button" }, texts.t("share.clips.choose")));
    const giveUp = make("button", { type: "button", class: "button" }, texts.t("share.stop"));
    giveUp.addEventListener("click", () => void forget(p.request).then(() => this.act.giveUp()));
    const buttons = make("div", { class: "buttons" }, giveUp);
    if (open.length === 0) {
      const goOn = make("button", { type: "button", class: "button" }, texts.t("share.goon"));
      goOn.addEventListener("click", go);
      buttons.prepend(goOn);
    }
    return make(
      "div", {}, make("h2", {}, texts.t("share.pending.title")), make("p", {}, texts.t("share.pending.text")),
      make("p", {}, texts.t("share.pending.files"), " ", make("strong", {}, open.map((i) => p.clips[i]?.file.name ?? "").join(", "))),
      ...(open.length > 0 ? [input, label] : []), says, buttons,
    );
  }
}
