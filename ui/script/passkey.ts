// Passkeys: makes a form ask the person's authenticator before it is sent.
//
//   <form method="post" action="FINISH" data-passkey="create" (or "get") data-begin="BEGIN" data-texts="{{texts "passkey."}}">
//
// On submit the form's fields go to BEGIN by POST, which answers with the options as JSON ({"publicKey": …}, WebAuthn
// Level 3, 5.1.9 and 5.1.10). What the authenticator says is put into a field "credential", as JSON, and the form is sent as
// any other: the server answers with a page. With data-hash="NAME" the field of that name is filled from what stands behind #
// in the page's address, where no server sees it, and that is taken out of the address. A refusal is a sentence in the form, announced to screen readers.

import { island, make } from "./lib/dom.ts";
import { Texts } from "./lib/texts.ts";

interface Options {
  publicKey: PublicKeyCredentialCreationOptionsJSON & PublicKeyCredentialRequestOptionsJSON;
}

island<HTMLFormElement>("form[data-passkey]", (form) => {
  const texts = Texts.of(form);
  const says = make("p", { role: "alert", class: "form-error", hidden: true });
  form.prepend(says);
  for (const note of form.querySelectorAll<HTMLElement>("[data-without-script]")) note.hidden = true;
  fromHash(form);
  let busy = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    says.hidden = true;
    form.setAttribute("aria-busy", "true");
    ask(form)
      .then((credential) => send(form, credential))
      .catch((error: unknown) => {
        says.textContent = sentence(error, texts);
        says.hidden = false;
      })
      .finally(() => {
        busy = false;
        form.removeAttribute("aria-busy");
      });
  });
});

function fromHash(form: HTMLFormElement): void {
  const field = form.querySelector<HTMLInputElement>(`input[name="${form.dataset["hash"] ?? ""}"]`);
  if (!field || location.hash.length < 2) return;
  field.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname + location.search); // it stays in no history
}

/** A refusal of the server's that has a sentence for the person. */
class Refusal extends Error {}

async function ask(form: HTMLFormElement): Promise<PublicKeyCredential> {
  if (typeof PublicKeyCredential === "undefined" || !PublicKeyCredential.parseCreationOptionsFromJSON) throw new DOMException("", "NotSupportedError");
  const { publicKey } = await begin(form);
  const credential =
    form.dataset["passkey"] === "create"
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });
  if (!(credential instanceof PublicKeyCredential)) throw new DOMException("", "NotAllowedError");
  return credential;
}

async function begin(form: HTMLFormElement): Promise<Options> {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && name !== "credential") body.append(name, value);
  }
  const response = await fetch(form.dataset["begin"] ?? "", { method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (!response.ok) throw new Refusal(await detail(response));
  return (await response.json()) as Options;
}

/** The sentence of problem details (RFC 9457), or nothing. */
async function detail(response: Response): Promise<string> {
  const problem = (await response.json().catch(() => ({}))) as { detail?: unknown };
  return typeof problem.detail === "string" ? problem.detail : "";
}

function send(form: HTMLFormElement, credential: PublicKeyCredential): void {
  let field = form.querySelector<HTMLInputElement>('input[name="credential"]');
  if (!field) {
    field = make("input", { type: "hidden", name: "credential" });
    form.append(field);
  }
  field.value = JSON.stringify(credential.toJSON());
  form.submit();
}

function sentence(error: unknown, texts: Texts): string {
  if (error instanceof Refusal) return error.message || texts.t("passkey.failed");
  if (error instanceof TypeError) return texts.t("passkey.network"); // fetch was not answered
  switch (error instanceof DOMException ? error.name : "") {
    case "NotAllowedError":
    case "AbortError":
      return texts.t("passkey.cancelled");
    case "InvalidStateError":
      return texts.t("passkey.known");
    case "NotSupportedError":
    case "SecurityError":
      return texts.t("passkey.unsupported");
  }
  return texts.t("passkey.failed");
}
