// What cleaning changed, in the words of internal/media/editlog.go, which go into the manifest.

export interface Edit {
  code: string;
  what: string;
}

export class EditLog {
  readonly #bytes = new Map<string, number>();
  readonly #places = new Map<string, number>();
  readonly #tracks = new Map<string, number>();

  count(code: string, bytes: number): void {
    if (bytes <= 0) return;
    this.#bytes.set(code, (this.#bytes.get(code) ?? 0) + bytes);
    this.#places.set(code, (this.#places.get(code) ?? 0) + 1);
  }

  /** Notes a box that became free space. */
  dropped(kind: string, bytes: number): void {
    const codes: Record<string, string> = { free: "free", skip: "free", wide: "free", mfra: "seek_index", sidx: "seek_index", ssix: "seek_index", tref: "references" };
    this.count(codes[kind] ?? "metadata", bytes);
  }

  track(kind: string): void {
    this.#tracks.set(kind, (this.#tracks.get(kind) ?? 0) + 1);
  }

  edits(): Edit[] {
    const out: Edit[] = [];
    const tracks: [string, string, string][] = [
      ["audio", "audio", "Sound removed"], ["metadata", "timed_metadata", "Timed metadata removed"],
      ["other", "other_tracks", "Tracks that are neither picture nor sound removed"],
    ];
    for (const [kind, code, what] of tracks) {
      const n = this.#tracks.get(kind) ?? 0;
      if (n > 0) out.push({ code, what: `${what} (${n} tracks).` });
    }
    const places: [string, string][] = [
      ["metadata", "Descriptive data removed"], ["names", "Names of tracks and files blanked"], ["encoder", "Names of encoders blanked"],
      ["modified", "Modification times set to zero"], ["references", "References to removed tracks removed"], ["seek_index", "Seek indexes removed"],
      ["media_data", "Media data outside the kept tracks zeroed"], ["free", "Free space zeroed"], ["tail", "Data behind the end zeroed"],
    ];
    for (const [code, what] of places) {
      const n = this.#places.get(code) ?? 0;
      if (n > 0) out.push({ code, what: `${what} (${n} places, ${this.#bytes.get(code)} bytes).` });
    }
    return out;
  }
}
