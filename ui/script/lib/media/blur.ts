// Blurs boxes in every picture of a film. The pictures are decoded and coded anew by the browser (WebCodecs), each at its own
// time; sound is left out. What is under a box becomes a few averages, from which nothing can be won back.

import type { Bytes } from "../bytes.ts";
import { Refused } from "../errors.ts";
import type { Content } from "./content.ts";
import type { Cut } from "./cut.ts";
import { decoderFor, framesOf } from "./frames.ts";
import { Movie } from "./movie.ts";
import { writeFilm } from "./mux.ts";
import type { Coded } from "./mux.ts";
import { Timing } from "./timing.ts";
import type { Track } from "./track.ts";

/** A part of the picture as it is shown, in parts of its width and height. */
export interface BlurBox {
  x: number;
  y: number;
  width: number;
  height: number;
}

const cells = 4; // averages across and down a box
const keyEvery = 60; // pictures
const waiting = 8; // pictures under way
/** What may come out, since it is held in memory until it is sent. */
export const maxBlurred = 128 << 20;

/** The codecs that a blurred film may have, the best first; all are H.264. */
const codecs = ["avc1.640028", "avc1.640033", "avc1.4d0028", "avc1.42e028", "avc1.42e01f"];

/** Whether this browser can blur a film. */
export async function canBlur(movie: Movie): Promise<boolean> {
  const track = movie.fragmented ? undefined : movie.tracks.find((t) => t.kind === "video");
  const config = track && decoderFor(track);
  if (!config || typeof VideoDecoder === "undefined" || typeof VideoEncoder === "undefined" || typeof OffscreenCanvas === "undefined") return false;
  const even = { width: config.codedWidth & ~1, height: config.codedHeight & ~1 };
  return ((await VideoDecoder.isConfigSupported(config)).supported ?? false) && (await encoderFor(even, 1e6)) !== undefined;
}

async function encoderFor(size: { width: number; height: number }, bitrate: number): Promise<VideoEncoderConfig | undefined> {
  for (const codec of codecs) {
    const config: VideoEncoderConfig = { codec, ...size, bitrate, avc: { format: "avc" }, latencyMode: "quality" };
    if ((await VideoEncoder.isConfigSupported(config)).supported) return config;
  }
  return undefined;
}

/** A film with boxes blurred, cut to a part, or the whole; tell hears how many pictures of how many are done. */
export async function blur(cleaned: Content, boxes: BlurBox[], wanted: Cut | undefined, tell: (done: number, all: number) => void): Promise<{ content: Content; cut: Cut }> {
  const movie = await Movie.open(cleaned);
  const track = movie.tracks.find((t) => t.kind === "video");
  if (!track) throw new Refused("clip_no_pictures");
  const timing = new Timing(track, movie.scale);
  const part = { from: Math.max(0, wanted?.from ?? 0), to: Math.min(wanted?.to ?? Infinity, movie.film.seconds) };
  const job = new Job(cleaned, track, timing, part, boxes.map((b) => turned(b, track)));
  const coded = await job.run(tell);
  const from = timing.moment((coded.frames[0] as Coded).at);
  return { content: writeFilm(movie, track, coded, from), cut: { from, to: part.to } };
}

/** A box on the picture as it is coded, which the track's matrix may turn by quarters before it is shown (tkhd, 8.3.2). */
function turned(shown: BlurBox, track: Track): BlurBox {
  const [a, b, c, d] = track.turn; // its inverse is its mirror at the diagonal
  const map = (x: number, y: number): [number, number] => [(x - 0.5) * a + (y - 0.5) * b + 0.5, (x - 0.5) * c + (y - 0.5) * d + 0.5];
  const [x1, y1] = map(shown.x, shown.y);
  const [x2, y2] = map(shown.x + shown.width, shown.y + shown.height);
  return { x: Math.min(x1, x2), y: Math.min(y1, y2), width: Math.abs(x2 - x1), height: Math.abs(y2 - y1) };
}

class Job {
  readonly #coded: Coded[] = [];
  #size = 0;
  #description: Bytes | undefined;
  #failed: unknown;
  #encoder: VideoEncoder | undefined;
  #canvas: OffscreenCanvas | undefined;
  readonly #small = new OffscreenCanvas(cells, cells);
  #done = 0;
  #encoding = Promise.resolve();

  constructor(
    private readonly content: Content,
    private readonly track: Track,
    private readonly timing: Timing,
    private readonly part: Cut,
    private readonly boxes: BlurBox[],
  ) {}

  async run(tell: (done: number, all: number) => void): Promise<{ frames: Coded[]; description: Bytes; width: number; height: number }> {
    const config = decoderFor(this.track);
    const first = this.timing.keyAt(this.part.from).sample;
    const end = Math.min(this.timing.endAt(this.part.to), this.track.sizes().count);
    if (!config || first >= end) throw new Refused(config ? "clip_cut_empty" : "clip_blur");
    const decoder = new VideoDecoder({ output: (frame) => this.#decoded(frame), error: (error) => (this.#failed ??= error) });
    try {
      decoder.configure(config);
      for (const f of framesOf(this.timing, first, end)) {
        const data = await this.content.read(f.off, f.end);
        decoder.decode(new EncodedVideoChunk({ type: f.key ? "key" : "delta", timestamp: this.#microseconds(f.shown), data }));
        while (!this.#failed && decoder.decodeQueueSize + (this.#encoder?.encodeQueueSize ?? 0) > waiting) await pause();
        this.#check();
        tell(this.#done, end - first);
      }
      await decoder.flush();
      await this.#encoding;
      await this.#encoder?.flush();
    } catch (error) {
      throw error instanceof Refused ? error : new Refused("clip_blur");
    } finally {
      if (decoder.state !== "closed") decoder.close();
      if (this.#encoder && this.#encoder.state !== "closed") this.#encoder.close();
    }
    this.#check();
    if (!this.#description || !this.#canvas || this.#coded.length === 0) throw new Refused("clip_blur");
    return { frames: this.#coded, description: this.#description, width: this.#canvas.width, height: this.#canvas.height };
  }

  #check(): void {
    if (this.#failed) throw this.#failed instanceof Refused ? this.#failed : new Refused("clip_blur");
  }

  #microseconds(ticks: number): number {
    return Math.round((ticks / this.track.scale) * 1e6);
  }

  /** One picture after the other, in the order in which they are shown. */
  #decoded(frame: VideoFrame): void {
    this.#encoding = this.#encoding.then(() => this.#encode(frame)).catch((error: unknown) => {
      this.#failed ??= error;
    });
  }

  async #encode(frame: VideoFrame): Promise<void> {
    const at = frame.timestamp;
    const [from, to] = [this.#microseconds(this.timing.ticks(this.part.from)), this.#microseconds(this.timing.ticks(this.part.to))];
    if (this.#failed || at < from || at >= to) return frame.close();
    this.#encoder ??= await this.#start(frame);
    const canvas = this.#canvas as OffscreenCanvas;
    const context = canvas.getContext("2d", { alpha: false }) as OffscreenCanvasRenderingContext2D;
    context.drawImage(frame, 0, 0, canvas.width, canvas.height);
    frame.close();
    for (const b of this.boxes) this.#hide(context, b);
    const blurred = new VideoFrame(canvas, { timestamp: at });
    this.#encoder.encode(blurred, { keyFrame: this.#done % keyEvery === 0 });
    blurred.close();
    this.#done++;
  }

  /** Lays a few averages over a box. */
  #hide(context: OffscreenCanvasRenderingContext2D, b: BlurBox): void {
    const { width, height } = context.canvas;
    const [x, y] = [Math.floor(b.x * width), Math.floor(b.y * height)];
    const [w, h] = [Math.ceil((b.x + b.width) * width) - x, Math.ceil((b.y + b.height) * height) - y];
    const small = this.#small.getContext("2d", { alpha: false }) as OffscreenCanvasRenderingContext2D;
    small.imageSmoothingQuality = "high";
    small.drawImage(context.canvas, x, y, w, h, 0, 0, cells, cells);
    context.drawImage(this.#small, 0, 0, cells, cells, x, y, w, h);
  }

  async #start(frame: VideoFrame): Promise<VideoEncoder> {
    const size = { width: (frame.visibleRect?.width ?? frame.codedWidth) & ~1, height: (frame.visibleRect?.height ?? frame.codedHeight) & ~1 };
    const rate = (this.track.sizes().sum(0, this.track.sizes().count) * 8) / Math.max(1, this.track.seconds);
    const config = await encoderFor(size, Math.round(Math.min(16e6, Math.max(1e6, rate * 1.5))));
    if (!config) throw new Refused("clip_blur");
    this.#canvas = new OffscreenCanvas(size.width, size.height);
    const encoder = new VideoEncoder({
      output: (chunk, meta) => this.#take(chunk, meta?.decoderConfig?.description),
      error: (error) => (this.#failed ??= error),
    });
    encoder.configure(config);
    return encoder;
  }

  #take(chunk: EncodedVideoChunk, description: AllowSharedBufferSource | undefined): void {
    const data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    if (description && !this.#description) this.#description = new Uint8Array(description as ArrayBuffer).slice();
    const ticks = Math.round((chunk.timestamp / 1e6) * this.track.scale);
    if (ticks <= (this.#coded.at(-1)?.at ?? -Infinity)) this.#failed ??= new Refused("clip_blur");
    this.#coded.push({ data, at: ticks, key: chunk.type === "key" });
    this.#size += data.length;
    if (this.#size > maxBlurred) this.#failed ??= new Refused("clip_blur_large");
  }
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2));
