// The little of Node that the tests use.
declare module "node:test" {
  export function test(name: string, run: () => void | Promise<void>): void;
}
declare module "node:fs" {
  export function readFileSync(path: string): Uint8Array<ArrayBuffer>;
  export function readdirSync(path: string): string[];
  export function writeFileSync(path: string, data: Uint8Array | string): void;
}
declare module "node:zlib" {
  export function inflateSync(data: Uint8Array): Uint8Array<ArrayBuffer>;
}
declare const process: { env: Record<string, string | undefined> };
