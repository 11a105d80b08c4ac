import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeVerdict } from '../../../../test/factories/live.js';
import type { ClosedRow } from '../ledger/rows.js';
import { RecordFeed } from './record-feed.js';

describe('the record feed', () => {
  it('sends a record that was written while it read and found nothing', async () => {
    const rows: ClosedRow[] = [];
    const sent: string[] = [];
    let reads = 0;
    const feed: RecordFeed = new RecordFeed({
      ledger: {
        readAfter: async ({ row }) => {
          const found = rows.filter((candidate) => candidate.row > row);
          reads += 1;
          await Promise.resolve();
          if (reads === 1) {
            // The frame is closed after the ledger was asked and before its answer is here.
            rows.push({ row: 1, verdict: makeVerdict({ frameId: 'last' }), picture: null });
            feed.wake();
          }
          return found;
        },
        cursor: async () => 0,
        setCursor: async () => undefined,
      },
      gate: {
        isUp: true,
        publishRecord: async ({ frameId }) => {
          sent.push(frameId);
          return true;
        },
      },
      onError: (error) => assert.fail(String(error)),
    });
    await feed.start();
    feed.wake();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(sent, ['last']);
  });
});
