import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FoundTool } from './tools.js';
import { tempDir } from './tools.js';

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** An authority of this test alone, and what it signs: paths of PEM files. */
export interface Authority {
  readonly ca: string;
  /** @param name common name; also valid for 127.0.0.1 */
  issue(name: string): Certificate;
}

/** Make an authority with openssl; its files go with the running test or suite. */
export function makeAuthority({ path: openssl }: FoundTool, name = 'Test authority'): Authority {
  const dir = tempDir();
  const file = (base: string): string => join(dir, base);
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const run = (args: readonly string[]): unknown => execFileSync(openssl, args, { stdio: 'pipe' });
  const ca = file('ca.pem');
  run(['req', '-x509', ...fresh, '-days', '2', '-subj', `/CN=${name}`, '-keyout', file('ca.key'), '-out', ca]);
  writeFileSync(file('names.cnf'), 'subjectAltName=IP:127.0.0.1\n');
  const issue = (common: string): Certificate => {
    const [key, request, cert] = [file(`${common}.key`), file(`${common}.csr`), file(`${common}.pem`)];
    run(['req', ...fresh, '-subj', `/CN=${common}`, '-keyout', key, '-out', request]);
    const signed = ['-CA', ca, '-CAkey', file('ca.key'), '-CAcreateserial', '-extfile', file('names.cnf')];
    run(['x509', '-req', '-in', request, '-days', '2', ...signed, '-out', cert]);
    return { key, cert };
  };
  return { ca, issue };
}
