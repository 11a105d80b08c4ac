import { createContext, use } from 'react';
import { type OutcomeWords, outcomeWords } from '../live/outcome-words.js';

export const OutcomeWordsContext = createContext(outcomeWords({ shadow: false, parts: null }, 'frames'));

/** What becomes of parts, in the words of the line or of its shadow. */
export function useOutcomeWords(): OutcomeWords {
  return use(OutcomeWordsContext);
}
