import { codeOf, messageOf } from '#contracts';
import { tellParent } from '#contracts/tell-parent';
import type { Answer, Answers, Question } from './questions.js';

// Entry of the process that loads native libraries for the doctor: one question, one answer.

const ANSWERS: { readonly [Q in Question]: () => Promise<Answers[Q]> } = {
  tensorflow: async () => (await import('#model/backend/tensorflow')).openTensorFlow(),
  backend: async () => (await import('#model/backend/choose')).chooseBackend('auto'),
  adapters: async () => (await import('#model/backend/webgpu')).listAdapters(),
  cuda: () => tryProvider('cuda'),
  tensorrt: () => tryProvider('tensorrt'),
};

/** Opens a graph on the device and lets it compute: files may be there while a library that they need is not. */
async function tryProvider(provider: 'cuda' | 'tensorrt'): Promise<string | null> {
  const { OnnxSession } = await import('#model/runtime/onnx-session');
  const { smallestGraph } = await import('#model/runtime/smallest-graph');
  try {
    const session = await OnnxSession.open(smallestGraph(), { provider });
    await session.run({ data: new Uint8Array(12), count: 1, height: 2, width: 2 });
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

const question = process.argv[2] as Question;
const answer: Answer<Question> = await ANSWERS[question]().then(
  (value) => ({ ok: true, value }),
  (error: unknown) => ({
    ok: false,
    code: codeOf(error),
    message: messageOf(error),
  }),
);
await tellParent(answer);
process.exit(0);
