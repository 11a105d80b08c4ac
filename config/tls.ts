import { readFileSync } from 'node:fs';
import { firstLineOf, InputError, messageOf } from '#contracts';

/** Paths of PEM files for a broker that speaks TLS; null = none. */
export interface TlsFiles {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
}

/** As `node:tls` takes them. */
export interface TlsSettings {
  readonly rejectUnauthorized: true;
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

export interface TlsMisfit {
  readonly setting: 'url' | 'cert' | 'key';
  readonly message: string;
}

/** Codes of Node and OpenSSL when certificates are not believed or no use: CERT_HAS_EXPIRED, DEPTH_ZERO_SELF_SIGNED_CERT, ERR_OSSL_…, … */
const TLS_FAILURE = /CERT|^ERR_O?SSL|^ERR_TLS|VERIFY/;

/** What of a broker's address and files does not go together; null where all does. */
export function findTlsMisfit({ url, ...files }: TlsFiles & { readonly url: string }): TlsMisfit | null {
  const given = (['ca', 'cert', 'key'] as const).filter((file) => files[file] !== null);
  if (given.length > 0 && !url.startsWith('mqtts:')) {
    return {
      setting: 'url',
      message: `${given.join(', ')} ${given.length === 1 ? 'means' : 'mean'} TLS, which takes mqtts://; nothing would be encrypted`,
    };
  }
  if ((files.cert === null) === (files.key === null)) return null;
  const [alone, setting] = files.cert === null ? (['key', 'cert'] as const) : (['cert', 'key'] as const);
  return { setting, message: `a client certificate takes both; ${alone} stands alone` };
}

/** @throws InputError BROKER_TLS when a file cannot be read */
export function readTls({ ca, cert, key }: TlsFiles): TlsSettings {
  return {
    rejectUnauthorized: true,
    ...(ca !== null && { ca: readPem(ca) }),
    ...(cert !== null && { cert: readPem(cert) }),
    ...(key !== null && { key: readPem(key) }),
  };
}

/** True where a connection failed because one end does not trust the other. */
export function isTlsFailure(error: unknown): boolean {
  return TLS_FAILURE.test(String((error as NodeJS.ErrnoException).code));
}

/** What Node or OpenSSL says of such a failure, in one line: OpenSSL's own message names its source files. */
export function sayTlsFailure(error: unknown): string {
  const { reason, code } = error as NodeJS.ErrnoException & { readonly reason?: unknown };
  return `${typeof reason === 'string' ? reason : firstLineOf(error)} (${code})`;
}

function readPem(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new InputError(
      'BROKER_TLS',
      `TLS file ${file} cannot be read: ${messageOf(cause)}. Expected the PEM files of this client: ca, cert, key.`,
      { cause },
    );
  }
}
