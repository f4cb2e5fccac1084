// The code with which the answer to a complaint is read.

const letters = "0123456789abcdefghjkmnpqrstvwxyz"; // Crockford's base 32
const codeLength = 25; // 125 random bits

/** A new code, in groups of five. */
export function newCode(): string {
  const code = [...crypto.getRandomValues(new Uint8Array(codeLength))].map((b) => letters[b & 31]).join("");
  return code.match(/.{5}/g)?.join("-") ?? code;
}
