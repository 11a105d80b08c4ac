import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isTlsFailure, sayTlsFailure } from './tls.js';

describe('two ends that do not trust each other', () => {
  const OPENSSL = {
    message:
      '801CC8B1F67F0000:error:0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert certificate required:../deps/ssl/rec_layer_s3.c:1601:SSL alert number 116\n',
    code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
    reason: 'tlsv13 alert certificate required',
  };
  for (const [who, thrown, said] of [
    ['OpenSSL', OPENSSL, 'tlsv13 alert certificate required (ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED)'],
    [
      'Node',
      { message: 'certificate has expired', code: 'CERT_HAS_EXPIRED' },
      'certificate has expired (CERT_HAS_EXPIRED)',
    ],
  ] as const) {
    it(`are told of in one line, in the words of ${who}`, () => {
      const error = Object.assign(new Error(thrown.message), thrown);
      assert.equal(isTlsFailure(error), true);
      assert.equal(sayTlsFailure(error), said);
    });
  }
});
