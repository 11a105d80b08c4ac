import { findTlsMisfit, loadSecrets, readTls, type TlsSettings } from '#config';
import { InputError } from '#contracts';

/** What a command was told of its broker; see shared-options.ts. */
export interface BrokerFlags {
  readonly broker: string;
  readonly username?: string | undefined;
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** Who a command is to the broker, and whom it believes. */
export interface BrokerLogin {
  readonly username: string | null;
  readonly password: string | null;
  readonly tls: TlsSettings;
}

/** @throws InputError USAGE where the options contradict each other, BROKER_TLS when a file cannot be read */
export function readLogin({ broker, username, ca, cert, key }: BrokerFlags): BrokerLogin {
  const files = { ca: ca ?? null, cert: cert ?? null, key: key ?? null };
  const misfit = findTlsMisfit({ url: broker, ...files });
  if (misfit !== null) {
    const option = misfit.setting === 'url' ? 'broker' : misfit.setting;
    throw new InputError('USAGE', `--${option}: ${misfit.message}.`);
  }
  return { username: username ?? null, password: loadSecrets().brokerPassword, tls: readTls(files) };
}
