import { CodedError, messageOf } from '#contracts';
import type { Answer, Answers, Question } from './questions.js';

// Entry of the process that loads native libraries for the doctor: one question, one answer.

const ANSWERS: { readonly [Q in Question]: () => Promise<Answers[Q]> } = {
  tensorflow: async () => (await import('#model/backend/tensorflow')).openTensorFlow(),
  backend: async () => (await import('#model/backend/choose')).chooseBackend('auto'),
  adapters: async () => (await import('#model/backend/webgpu')).listAdapters(),
};

const question = process.argv[2] as Question;
const answer: Answer<Question> = await ANSWERS[question]().then(
  (value) => ({ ok: true, value }),
  (error: unknown) => ({
    ok: false,
    code: error instanceof CodedError ? error.code : 'INVARIANT',
    message: messageOf(error),
  }),
);
process.send?.(answer, () => process.exit(0));
