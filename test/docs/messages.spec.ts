import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import {
  Alert,
  CameraState,
  FrameMetadata,
  Heartbeat,
  InspectorState,
  NotReadyReason,
  PartVerdict,
  Reason,
  Verdict,
} from '#contracts';

const text = readFileSync(new URL('../../../docs/messages.md', import.meta.url), 'utf8');

/** Every name in backticks in the first column of the first table behind these words, or of the paragraph they begin. */
function namesAfter(words: string): string[] {
  const [, behind] = text.split(words);
  assert.ok(behind !== undefined, `expected the words ${words}`);
  const lines = behind.split('\n');
  const from = lines.findIndex((line) => line.startsWith('| --- '));
  const end = lines.findIndex((line, i) => i > from && !line.startsWith('|'));
  const cells = lines.slice(from + 1, end).map((line) => line.split('|')[1] ?? '');
  return cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name ?? ''));
}

/** Names in the paragraph that begins so, those in parentheses left out. */
function namesIn(schema: string): string[] {
  const paragraph = text.split('\n\n').find((each) => each.startsWith(`\`${schema}\`: \`schema\``));
  return [...(paragraph ?? '').replace(/\([^)]*\)/g, '').matchAll(/`(\w+)`/g)].map(([, name]) => name ?? '');
}

describe('docs/messages.md names', () => {
  const tables: [what: string, told: string[], fields: object][] = [
    ['what a camera says', namesAfter('or in an envelope'), FrameMetadata.shape],
    ['a verdict', namesAfter('on `verdict` and `record`:'), Verdict.shape],
    ['a state', namesAfter('`vision.state/1`: `state` is'), CameraState.shape],
    ['a heartbeat', namesAfter('`vision.heartbeat/1`:'), Heartbeat.shape],
    ['a part', namesAfter('`vision.part/1`:\n'), PartVerdict.shape],
    ['an inspector', namesIn('vision.inspector/1'), InspectorState.shape],
    ['an alert', namesIn('vision.alert/1'), Alert.shape],
  ];
  for (const [what, told, fields] of tables)
    it(`every field of ${what} and no other`, () => assert.deepEqual(told.toSorted(), Object.keys(fields).toSorted()));

  it('every reason of a camera that is not READY, in the order of the contract', () =>
    assert.deepEqual(namesAfter('| `reason` | when |'), [...NotReadyReason.options]));

  it('every reason in the order of the contract', () =>
    assert.deepEqual(namesAfter('| `recorded` |'), [...Reason.options]));
});
