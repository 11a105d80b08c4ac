import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { describe, it } from 'node:test';
import { findRefusal, namesOf } from './door.js';

const names = namesOf({ host: 'page.plant.example', names: ['Line1.plant.example'] });
const codeOf = (headers: Parameters<typeof findRefusal>[0]) => findRefusal(headers, names)?.code ?? null;

describe('the door of a server', () => {
  const own = hostname();
  for (const host of [
    '127.0.0.1:3000',
    '10.1.2.3',
    '[::1]:3000',
    '[fe80::1]',
    'localhost:3000',
    'LOCALHOST',
    own,
    `${own}:3000`,
    `${own.split('.')[0]}.local`,
    'page.plant.example',
    'line1.plant.example:3000',
  ]) {
    it(`goes by the name ${host}`, () => assert.equal(codeOf({ host }), null));
  }

  for (const host of [
    'evil.example',
    'evil.example:3000',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    `${own}.evil.example`,
    'plant.example',
    '',
    '127.0.0.1:3000@evil.example',
    '[evil.example]',
    '::1',
  ]) {
    it(`does not go by the name ${host || 'without letters'}: HOST_UNKNOWN`, () => {
      assert.equal(codeOf({ host, origin: `http://${host}` }), 'HOST_UNKNOWN');
    });
  }

  it('lets in programs, which name no origin, and its own pages', () => {
    const host = 'localhost:3000';
    for (const origin of [undefined, 'http://localhost:3000', 'https://localhost:3000']) {
      assert.equal(codeOf({ host, ...(origin === undefined ? {} : { origin }) }), null, origin);
    }
    assert.equal(codeOf({}), null, 'HTTP 1.0 knows no Host');
  });

  for (const origin of ['http://evil.example', 'http://localhost:3001', 'http://127.0.0.1:3000', 'null']) {
    it(`refuses a page of ${origin}: FOREIGN_ORIGIN`, () => {
      assert.equal(codeOf({ host: 'localhost:3000', origin }), 'FOREIGN_ORIGIN');
    });
  }

  it('takes JSON bodies alone: BODY_TYPE', () => {
    const host = 'localhost';
    for (const type of ['application/json', 'application/json; charset=utf-8', 'Application/JSON ;charset=utf-8']) {
      assert.equal(codeOf({ host, 'content-type': type, 'content-length': '2' }), null, type);
    }
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'application/jsonp', undefined]) {
      const headers = { host, ...(type === undefined ? {} : { 'content-type': type }) };
      assert.equal(codeOf({ ...headers, 'content-length': '2' }), 'BODY_TYPE', type);
      assert.equal(codeOf({ ...headers, 'transfer-encoding': 'chunked' }), 'BODY_TYPE', type);
      assert.equal(codeOf({ ...headers, 'content-length': '0' }), null, 'no body, no type');
    }
  });
});
