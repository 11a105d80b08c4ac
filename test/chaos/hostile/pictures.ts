import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import type { Dice } from '../dice.js';

const SIDE = 64;

/** Pictures of many kinds, sound and not, that mutations start from. */
export async function makeBases(): Promise<readonly Buffer[]> {
  const red = () => sharp({ create: { width: SIDE, height: SIDE, channels: 3, background: { r: 60, g: 64, b: 64 } } });
  const large = sharp({ create: { width: 2_000, height: 2_000, channels: 3, background: { r: 1, g: 2, b: 3 } } });
  const made = [
    red().png().toBuffer(),
    red().jpeg().toBuffer(),
    red().jpeg({ progressive: true }).withMetadata({ orientation: 6 }).toBuffer(),
    red().toColourspace('cmyk').jpeg().toBuffer(),
    red().toColourspace('rgb16').png().toBuffer(),
    red().webp().toBuffer(),
    red().gif().toBuffer(),
    red().tiff().toBuffer(),
    red().ensureAlpha(0.5).png().toBuffer(),
    large.png().toBuffer(),
  ];
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><rect width="64" height="64"/></svg>';
  return [
    ...(await Promise.all(made)),
    makeBomb(30_000),
    makeBomb(0xffff_ffff),
    Buffer.from(svg),
    Buffer.from('%PDF-1.7\n'),
  ];
}

/** A PNG of a few hundred bytes that says it has this side. */
function makeBomb(side: number): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const zeros = deflateSync(Buffer.alloc(100_000));
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', zeros), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(name: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.byteLength);
  const body = Buffer.concat([Buffer.from(name, 'ascii'), data]);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** Cut short, bits turned, bytes doubled or overwritten, rubbish behind it, or left as it is. */
export function mutate(bytes: Buffer, dice: Dice): Buffer {
  const at = dice.between(0, Math.max(0, bytes.byteLength - 1));
  switch (dice.between(0, 5)) {
    case 0:
      return bytes.subarray(0, at);
    case 1: {
      const turned = Buffer.from(bytes);
      for (let i = 0; i < dice.between(1, 16); i++) {
        const where = dice.between(0, Math.max(0, turned.byteLength - 1));
        if (where < turned.byteLength) turned.writeUInt8(turned.readUInt8(where) ^ (1 << dice.between(0, 7)), where);
      }
      return turned;
    }
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at), bytes.subarray(at)]);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), makeRubbish(dice.between(1, 64), dice), bytes.subarray(at)]);
    case 4:
      return Buffer.concat([bytes, makeRubbish(dice.between(1, 4_096), dice)]);
    default:
      return bytes;
  }
}

export function makeRubbish(length: number, dice: Dice): Buffer {
  return Buffer.from(Uint8Array.from({ length }, () => dice.between(0, 255)));
}
