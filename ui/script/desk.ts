// The pages of the desk on a custodian's own machine. They work without this script; it saves typing and looking again.
//
//   form[data-enter]      the code behind # in the printed link goes into the field and off, and out of the address
//   [data-work="ADDRESS"] long work: ADDRESS tells how far it is, and the page is loaded anew when it is over
//   main[data-shortcuts]  single keys go to the element with data-key="KEY"; none presses a button (WCAG 2.2, 2.1.4: the page
//                         of help turns them off)

import { find, island } from "./lib/dom.ts";

island<HTMLFormElement>("form[data-enter]", (form) => {
  const code = location.hash.slice(1);
  if (code === "") return;
  history.replaceState(null, "", location.pathname); // it stays in no history
  find<HTMLInputElement>(form, 'input[name="code"]').value = decodeURIComponent(code);
  form.requestSubmit();
});

interface Work {
  percent: number;
  line: string;
  over: boolean;
}

const pause = 700; // milliseconds between two looks

island("[data-work]", (element) => {
  for (const note of element.querySelectorAll<HTMLElement>("[data-without-script]")) note.hidden = true;
  const bar = element.querySelector("progress"); // none where nobody knows how far it is
  const line = find<HTMLElement>(element, '[role="status"]');
  const look = async (): Promise<void> => {
    const answer = await fetch(element.dataset["work"] ?? "", { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const work = (await answer.json()) as Work;
    if (work.over) {
      location.reload();
      return;
    }
    if (bar) {
      bar.value = work.percent;
      line.textContent = work.line;
    }
    setTimeout(again, pause);
  };
  const again = (): void => void look().catch(() => setTimeout(again, 5 * pause)); // the program may be busy or gone
  setTimeout(again, pause);
});

island("main[data-shortcuts]", () => {
  document.addEventListener("keydown", (event) => {
    const at = event.target;
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (at instanceof HTMLElement && at.closest("input, textarea, select, [contenteditable]")) return;
    if (event.key === "j" || event.key === "k" ? step(event.key === "j" ? 1 : -1) : go(event.key)) event.preventDefault();
  });
});

/** Goes to the next or the previous share of the inbox. */
function step(by: number): boolean {
  const items = [...document.querySelectorAll<HTMLElement>("[data-item]")];
  const now = items.findIndex((item) => item === document.activeElement);
  const next = now < 0 ? (by > 0 ? 0 : items.length - 1) : now + by;
  items[next]?.focus();
  return items.length > 0;
}

/** Goes to what a key stands for: a link is followed, what is folded is unfolded, of a form the first field is focused. */
function go(key: string): boolean {
  const target = [...document.querySelectorAll<HTMLElement>("[data-key]")].find((e) => e.dataset["key"] === key);
  if (!target) return false;
  if (target instanceof HTMLAnchorElement) target.click();
  else if (target instanceof HTMLDetailsElement) {
    target.open = true;
    find<HTMLElement>(target, "summary").focus();
  } else {
    const folded = target.closest("details");
    if (folded) folded.open = true;
    (target.querySelector<HTMLElement>("input, textarea") ?? target).focus();
  }
  return true;
}
