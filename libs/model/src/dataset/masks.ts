import { extname } from 'node:path';
import { InputError } from '#contracts';
import { listSome } from './list-some.js';

/** Folders in which public data sets and labelling tools keep what they say of pictures. */
const FOLDER = /^(masks?|labels?|annotations?|ground[ _-]?truth)$/i;
/** As in `Part0_label.bmp` of KolektorSDD and `10000_GT.png` of KolektorSDD2. */
const SUFFIX = /[ _-](masks?|labels?|gt|ground[ _-]?truth)$/i;
/** Names in the message. */
const NAMED = 3;
/** With fewer pairs of one name it may be chance. */
const PAIRS = 2;

/**
 * Masks and annotations among the pictures of a class would be learnt as such pictures.
 * @param paths below `dir`, with forward slashes
 * @throws InputError DATA_LAYOUT
 */
export function refuseMasks(paths: readonly string[], dir: string): void {
  const found = [...foldersOf(paths), ...suffixedOf(paths), ...pairedOf(paths)];
  if (found.length === 0) return;
  throw new InputError(
    'DATA_LAYOUT',
    `${dir} holds what looks like masks or annotations, not pictures of a class: ${listSome([...new Set(found)], NAMED)}. They would be learnt as pictures: move them out of the data, rename a folder that is a class all the same, or name the CSV that labels the pictures: --split FILE.`,
  );
}

/** Folders by name. */
function foldersOf(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const folders = path.split('/').slice(0, -1);
    const at = folders.findIndex((name) => FOLDER.test(name));
    return at < 0 ? [] : [`${folders.slice(0, at + 1).join('/')}/`];
  });
}

/** Files that are named after a picture beside them. */
function suffixedOf(paths: readonly string[]): string[] {
  const stems = new Set(paths.map(stemOf));
  return paths.filter((path) => {
    const stem = stemOf(path);
    const bare = stem.replace(SUFFIX, '');
    return bare !== stem && stems.has(bare);
  });
}

/** Files that share their name with a picture and differ in the ending, where most of a folder is so: `1.jpg` and `1.png`. */
function pairedOf(paths: readonly string[]): string[] {
  const folders = new Map<string, Map<string, string[]>>();
  for (const path of paths) {
    const stem = stemOf(path);
    const folder = stem.slice(0, stem.lastIndexOf('/'));
    const stems = folders.get(folder) ?? new Map<string, string[]>();
    stems.set(stem, [...(stems.get(stem) ?? []), path]);
    folders.set(folder, stems);
  }
  return [...folders.values()].flatMap((stems) => {
    const pairs = [...stems.values()].filter((own) => own.length > 1);
    return pairs.length >= PAIRS && pairs.length * 2 > stems.size ? pairs.map((own) => own.join(' = ')) : [];
  });
}

function stemOf(path: string): string {
  return path.slice(0, path.length - extname(path).length);
}
