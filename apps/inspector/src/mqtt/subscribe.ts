import { ErrorWithSubackPacket, type MqttClient } from 'mqtt';
import { DependencyError } from '#contracts';

/** A SUBACK's reason codes from here on are refusals (MQTT 3.1.1, 3.9.3; MQTT 5, 3.9.3). */
const REFUSED = 0x80;

/**
 * Listen to these topics, at QoS 1.
 * @param url of the broker, for the message
 * @throws DependencyError BROKER_REFUSED where the broker grants one of them at QoS 0 or not at all
 */
export async function subscribe(client: MqttClient, url: string, filters: readonly string[]): Promise<void> {
  const granted = await client.subscribeAsync([...filters], { qos: 1 }).then(
    (grants) => grants.map(({ qos }) => qos as number),
    (error: unknown) => codesOf(error),
  );
  const refused = filters.filter((_, i) => granted[i] !== 1);
  if (refused.length === 0) return;
  throw new DependencyError(
    'BROKER_REFUSED',
    `Broker ${url} does not grant QoS 1 on ${refused.join(', ')}. Let the inspector read there, as config/mosquitto-acl.example does; check inspector.station.`,
  );
}

/** What the broker said of each topic, in their order. @throws what is no refusal */
function codesOf(error: unknown): number[] {
  const said = error instanceof ErrorWithSubackPacket ? error.packet.granted : [];
  const codes = said.map(Number);
  if (codes.some((code) => code >= REFUSED)) return codes;
  throw error;
}
