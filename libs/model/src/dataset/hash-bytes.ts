/** SHA-256 as lower-case hex. Web Crypto hashes on libuv's threads; createHash would hold the event loop. */
export async function hashBytes(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex');
}
