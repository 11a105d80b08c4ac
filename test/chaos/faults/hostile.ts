import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectAsync, type MqttClient } from 'mqtt';
import { readMetric } from '../../factories/inspector.js';
import { requireTool, tempDir } from '../../factories/tools.js';
import { makeDice } from '../dice.js';
import type { Family } from '../fault.js';
import { type HostileMessage, LARGEST_FRAME_BYTES, makeCorpus, type Sender } from '../hostile/corpus.js';
import { makeBadTopic, makeEndless, makeRawPackets, sendRaw } from '../hostile/raw.js';
import type { ChaosLine } from '../line.js';
import type { LineOptions, Login } from '../outfit.js';

const ACL = fileURLToPath(new URL('../../../../config/mosquitto-acl.example', import.meta.url));
const VICTIM = 'cam1';
const HOSTILE = 'cam2';
const SENDERS: Readonly<Record<Sender, Login>> = {
  camera: { username: HOSTILE, password: 'hostile' },
  person: { username: 'shift-lead', password: 'lead' },
};
/** A packet that never ends holds a connection until its keepalive is over: not in the short form. */
const ENDLESS_FROM = 1_000;
/** Messages on their way at once: fewer than the broker keeps for the inspector. */
const AT_ONCE = 16;

/** One camera sends what no camera should, while another does its work; the broker knows its clients, as the example ACL has it. */
export const HOSTILE_INPUT: Family = {
  name: 'hostile',
  skip: requireTool('mosquitto').skip,
  lay: async () => makeGuardedLine(),
  faults: [
    {
      name: 'hostile input',
      partsPerSecond: 0,
      run: async (line, { size, seed }) => {
        // Its own: parts that go by throw the line's.
        const dice = makeDice(seed);
        line.feed.start(20, VICTIM);
        const { topics, running } = line;
        const names = { camera: HOSTILE, victim: VICTIM, inspectorId: line.config.inspector.id };
        const corpus = await makeCorpus({ count: size.corpus, dice, topics, ...names });
        const refused = await sendAll(line, corpus);
        const packets = makeRawPackets(dice);
        for (const bytes of packets) await sendRaw(line.broker.port, SENDERS.camera, bytes);
        // What a hostile broker would say.
        for (const bytes of [makeBadTopic(), ...(size.corpus >= ENDLESS_FROM ? [makeEndless()] : [])]) {
          line.tap.inject(bytes);
          await line.witness.untilPassed(performance.now(), 60_000);
        }
        await line.feed.rest();
        assert.equal(running.child.exitCode ?? running.child.signalCode, null, 'the inspector lives');
        assert.equal(await readMetric(running, 'workers_lost_total'), 0, 'no worker died');
        line.feed.start(20, VICTIM);
        line.course.say(
          `${corpus.length} frames and messages and ${packets.length} raw packets from a seed, ${refused} refused by the broker’s ACL; no process ended`,
        );
      },
    },
  ],
};

async function makeGuardedLine(): Promise<LineOptions> {
  const [dir, example] = [tempDir(), readFileSync(ACL, 'utf8')];
  const inspector = { username: 'inspector1', password: 'inspector' };
  const camera = { username: VICTIM, password: 'camera' };
  const gate = { username: 'viewer1', password: 'viewer' };
  // The example has one camera; the second has the same rights on its own topics.
  const start = example.indexOf(`user ${VICTIM}\n`);
  const rules = example.slice(start, example.indexOf('\n\n', start));
  writeFileSync(join(dir, 'acl'), `${example}\n${rules.replaceAll(VICTIM, HOSTILE)}\n`);
  writeFileSync(join(dir, 'passwords'), '');
  for (const { username, password } of [inspector, camera, gate, ...Object.values(SENDERS)])
    execFileSync('mosquitto_passwd', ['-b', join(dir, 'passwords'), username, password], { stdio: 'pipe' });
  return {
    broker: ['allow_anonymous false', `acl_file ${join(dir, 'acl')}`, `password_file ${join(dir, 'passwords')}`],
    logins: { inspector, camera, gate },
    fedCameras: [VICTIM],
    over: { queue: { maxFrameBytes: LARGEST_FRAME_BYTES } },
  };
}

/** @returns how many the broker refused */
async function sendAll(line: ChaosLine, corpus: readonly HostileMessage[]): Promise<number> {
  const clients = {
    camera: await connectAsync(line.broker.url, { protocolVersion: 5, clientId: 'hostile', ...SENDERS.camera }),
    person: await connectAsync(line.broker.url, { protocolVersion: 5, clientId: 'lead', ...SENDERS.person }),
  };
  let refused = 0;
  try {
    for (let from = 0; from < corpus.length; from += AT_ONCE) {
      const sent = corpus.slice(from, from + AT_ONCE).map((message) => sendOne(clients[message.sender], message));
      refused += (await Promise.all(sent)).filter((isTaken) => !isTaken).length;
    }
  } finally {
    await Promise.all(Object.values(clients).map((client) => client.endAsync()));
  }
  return refused;
}

async function sendOne(
  client: MqttClient,
  { topic, payload, retain, userProperties }: HostileMessage,
): Promise<boolean> {
  const properties = userProperties === null ? {} : { properties: { userProperties } };
  try {
    await client.publishAsync(topic, payload, { qos: 1, retain, ...properties });
    return true;
  } catch (error) {
    if (error instanceof Error && /not authorized/i.test(error.message)) return false;
    throw error;
  }
}
