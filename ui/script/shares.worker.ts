// The worker behind the page of one's own shares: it derives the keys from the words, which go nowhere.

import { Refused } from "./lib/errors.ts";
import { look, reply, withdraw } from "./lib/mailbox/mailbox.ts";
import type { FromWorker, ToWorker } from "./lib/mailbox/messages.ts";
import { Secret, UnknownWords } from "./lib/seal/secret.ts";
import { Problem } from "./lib/share/exchange.ts";

onmessage = (event: MessageEvent<ToWorker>) => {
  const say = (m: FromWorker) => postMessage(m);
  answer(event.data).then(say, (error: unknown) => {
    const code = error instanceof Refused ? error.code : error instanceof Problem ? error.code || error.kind || "internal" : "internal";
    say({ what: "failed", code, unknown: error instanceof UnknownWords ? error.words : [] });
  });
};

async function answer(m: ToWorker): Promise<FromWorker> {
  const secret = Secret.parse(m.words);
  if (m.act === "withdraw") await withdraw(secret);
  if (m.act === "reply") await reply(secret, m.text);
  return { what: "mailbox", mailbox: await look(secret), words: secret.words("en") };
}
