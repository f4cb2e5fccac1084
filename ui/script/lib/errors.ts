/** A refusal with the stable code that Go's packages give for the same (see doc/formats.md); pages have a sentence for it. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    message: string = code,
  ) {
    super(message);
    this.name = "Refused";
  }
}
