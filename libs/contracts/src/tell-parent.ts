import process from 'node:process';

/**
 * Say something to the process that started this one. Resolves when it is on its way, and also when nobody hears it: a
 * parent that is gone learns nothing any more, and its `disconnect` is what ends its children.
 */
export function tellParent(message: unknown): Promise<void> {
  const { send } = process;
  if (send === undefined) return Promise.resolve();
  // Without a callback a broken channel is an `error` event of the process, which ends it with a stack.
  return new Promise((resolve) => send.call(process, message, () => resolve()));
}
