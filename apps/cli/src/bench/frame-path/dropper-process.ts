import { connectAsync } from 'mqtt';
import { messageOf, Topics } from '#contracts';
import { tellParent } from '#contracts/tell-parent';

// Entry of a process that takes every frame of a station, QoS 1, and drops it: what the broker has to do for it is what it
// has to do for an inspector.

process.once('message', ({ brokerUrl, station }: { brokerUrl: string; station: string }) => {
  void listen(brokerUrl, station).then(
    () => tellParent({ kind: 'opened' }),
    (error: unknown) => tellParent({ kind: 'failed', message: messageOf(error) }),
  );
});
process.on('disconnect', () => process.exit(0));

async function listen(brokerUrl: string, station: string): Promise<void> {
  const properties = { receiveMaximum: 20 };
  const client = await connectAsync(brokerUrl, { protocolVersion: 5, reconnectPeriod: 0, properties });
  await client.subscribeAsync(new Topics(station).everyCamera('frame'), { qos: 1 });
}
