import { type InspectorConfig, isTlsFailure, type Secrets, sayTlsFailure } from '#config';
import { messageOf } from '#contracts';
import { connectionOptions } from '../../../inspector/src/mqtt/options.js';
import { connectOnce } from '../../../simulator/src/line/connect.js';
import { blocked, type Finding, ok } from './finding.js';
import { findDoor } from './ports.js';

/** The configured broker: embedded in the inspector, or one that must answer. */
export async function findBroker(config: InspectorConfig, secrets: Secrets): Promise<Finding[]> {
  const about = 'broker';
  const { broker, inspector } = config;
  if (broker.url === 'embedded') {
    const { embeddedHost: host, embeddedPort: port } = broker;
    return findDoor({ about, what: 'embedded in the inspector', host, port, setting: 'broker.embeddedPort' }, config);
  }
  try {
    const clientId = `${inspector.id}-doctor-${process.pid}`;
    const { url, options } = connectionOptions({ url: () => broker.url, broker, secrets, clientId });
    const client = await connectOnce(url, options);
    await client.endAsync(true);
    return [ok(about, `${broker.url} answers, MQTT ${broker.protocol}`)];
  } catch (error) {
    const why = isTlsFailure(error)
      ? sayTlsFailure(error)
      : messageOf(error) || String((error as NodeJS.ErrnoException).code);
    const advice = 'Start it, or correct broker in the configuration (url, username, certificates, protocol).';
    return [blocked(about, `${broker.url} cannot be used: ${why}`, advice)];
  }
}
