import type { InspectorConfig } from '#config';
import { messageOf } from '#contracts';
import { lookIntoLedger } from '../../../inspector/src/ledger/ledger-file.js';
import { ledgerFileOf } from '../../../inspector/src/ledger/places.js';
import { denied } from './disks.js';
import { blocked, type Finding, ok } from './finding.js';

/** The ledger, which the inspector does not start without: none yet, or one that this version opens. */
export async function findLedger(config: InspectorConfig): Promise<Finding[]> {
  const about = 'ledger';
  const file = ledgerFileOf(config);
  if (await denied(file))
    return [blocked(about, `${file} cannot be written`, 'Change its owner, or ask as its owner.')];
  try {
    return [ok(about, (await lookIntoLedger(file)) ? file : `none yet; the first start makes ${file}`)];
  } catch (error) {
    return [blocked(about, messageOf(error), 'The inspector does not start with it.')];
  }
}
