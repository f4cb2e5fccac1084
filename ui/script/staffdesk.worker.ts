// The worker behind the page in which an agency opens a share. The custodian's keys are here while the page is open.

import { Device } from "./lib/desk/device.ts";
import { Folder } from "./lib/desk/folder.ts";
import type { FromWorker, Setting, ToWorker, Unlock, View } from "./lib/desk/messages.ts";
import { Share } from "./lib/desk/share.ts";
import { Refused } from "./lib/errors.ts";
import { Problem } from "./lib/share/exchange.ts";

const say = (m: FromWorker) => postMessage(m);
let share: Share | undefined;
let setting: Setting | undefined;
let working = Promise.resolve(); // one act at a time

onmessage = (event: MessageEvent<ToWorker>) => {
  const m = event.data;
  working = working.then(() => answer(m)).then(say, (error: unknown) => say({ what: "failed", act: m.act, code: codeOf(error) }));
};

async function answer(m: ToWorker): Promise<FromWorker> {
  if (m.act === "unlock") return unlock(m.setting, m.with);
  if (!share || !setting) throw new Refused("device_locked");
  switch (m.act) {
    case "keep":
      return { what: "kept", sealed: await share.device.seal(m.key, setting.person) };
    case "open": {
      const folder = await Folder.open();
      const files = await share.open(folder, setting, (done, total) => say({ what: "progress", done, total }));
      return { what: "opened", folder: folder.name, files, view: await view(share) };
    }
    case "accept":
      await share.accept();
      break;
    case "confirm":
      await share.record("confirmed");
      break;
    case "decline":
      await share.record("declined", m.detail);
      break;
    case "answer":
      await share.record("answered", m.detail);
      break;
    case "ask":
      await share.ask(m.text);
  }
  await share.refresh();
  return { what: "done", act: m.act, view: await view(share) };
}

async function unlock(of: Setting, how: Unlock): Promise<FromWorker> {
  const device = "file" in how ? await Device.open(how.file, how.passphrase) : await Device.unseal(how.key, how.kept.sealed, of.person);
  const s = new Share(of.share, device, of.agency, of.person);
  await s.load();
  share = s;
  setting = of;
  return { what: "unlocked", fingerprint: await device.fingerprint(), view: await view(s) };
}

async function view(s: Share): Promise<View> {
  const { delivery: d, manifest } = s;
  const papers = { receipt: d.receipt, events: d.events, days: d.days ?? [], ...(manifest ? { manifest } : {}), request: s.request };
  return {
    state: d.state, recalled: d.recalled, eraseBy: d.erase_by, events: d.events, manifest, findings: s.findings, talk: manifest ? await s.talk() : [],
    papers: JSON.stringify(papers, undefined, 1),
  };
}

function codeOf(error: unknown): string {
  if (error instanceof Refused) return error.code;
  if (error instanceof Problem) return error.code || error.kind || "internal";
  return "internal";
}
