/** Bytes as the text that Jupyter's contents API carries them in. */

/** Few enough for the arguments of one call. */
const CHUNK = 0x8000;

export function toBase64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let start = 0; start < bytes.length; start += CHUNK) {
    pieces.push(String.fromCharCode(...bytes.subarray(start, start + CHUNK)));
  }
  return btoa(pieces.join(""));
}
