// One at a time at what must not be done twice at once in a folder, among a user's processes on this machine. The system
// lets go of it however a process ends. Node built-ins only: nothing is installed yet.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * @param {string} folder what is worked at
 * @returns {Promise<(() => void) | null>} gives it back; null where another has it
 */
export async function takeTurn(folder) {
  const place = placeOf(folder);
  for (;;) {
    const server = createServer((socket) => socket.end())
      .listen(place)
      .unref();
    try {
      await once(server, 'listening');
      const giveBack = () => void server.close();
      process.once('exit', giveBack);
      return giveBack;
    } catch (error) {
      if (error.code !== 'EADDRINUSE') throw error;
    }
    if (await isTaken(place)) return null;
    // Of one that was killed: nobody listens there.
    rmSync(place, { force: true });
  }
}

/** Short whatever the folder is called: the path of a socket holds about a hundred bytes. What another user left nobody else may remove. */
function placeOf(folder) {
  const name = `lineside-${createHash('sha256').update(`${process.getuid?.()} ${folder}`).digest('hex').slice(0, 16)}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`);
}

/** Also one that stands still in a build is heard: the system answers for it. */
async function isTaken(place) {
  const socket = connect(place);
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    return error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT';
  } finally {
    socket.destroy();
  }
}
