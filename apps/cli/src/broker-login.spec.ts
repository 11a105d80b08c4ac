import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { tempDir } from '../../../test/factories/tools.js';
import { readLogin } from './broker-login.js';

describe('who a command is to the broker', () => {
  const file = join(tempDir(), 'any.pem');
  writeFileSync(file, 'PEM');

  it('is told by files, read before it connects', () => {
    const { username, tls } = readLogin({ broker: 'mqtts://b', ca: file, cert: file, key: file });
    const pem = Buffer.from('PEM');
    assert.deepEqual([username, tls], [null, { rejectUnauthorized: true, ca: pem, cert: pem, key: pem }]);
  });

  it('is refused where its options contradict each other or a file is not there', () => {
    for (const [flags, code, message] of [
      [{ broker: 'mqtt://b', ca: file }, 'USAGE', /^--broker: ca means TLS, which takes mqtts/],
      [{ broker: 'mqtt://b', cert: file, key: file }, 'USAGE', /^--broker: cert, key mean TLS, /],
      [{ broker: 'mqtts://b', cert: file }, 'USAGE', /^--key: a client certificate takes both; cert stands alone/],
      [{ broker: 'mqtts://b', key: file }, 'USAGE', /^--cert: .*; key stands alone/],
      [{ broker: 'mqtts://b', ca: '/no/such.pem' }, 'BROKER_TLS', /\/no\/such\.pem cannot be read/],
    ] as const) {
      assert.throws(() => readLogin(flags), { name: 'InputError', code, message });
    }
  });
});
