import type { Override, OverrideQuery } from '#contracts';
import { DISPOSITION_WORDS, explainVerdict, formatClass, formatMoment } from '../live/words.js';
import { OverrideForm } from './override-form.js';
import classes from './part-overrides.module.css';
import { useOverrides } from './use-overrides.js';

export interface PartOverridesProps {
  /** A frame, or an inspection of a part of several views. */
  readonly of: OverrideQuery;
  readonly challenge: boolean;
  /** Classes that the model knows. */
  readonly labels: readonly string[];
  /** What a word is said of, where that is not this record; else empty. */
  readonly sayPlace: (override: Override) => string;
}

/** What people decided about this part, beside what the machine said, and the form to decide. */
export function PartOverrides({ of, challenge, labels, sayPlace }: PartOverridesProps) {
  const { said, isUnknown, problem, say } = useOverrides(of);
  return (
    <section className={classes.overrides} aria-label="Decisions of people">
      {said.length > 0 && (
        <ol className={classes.list}>
          {said.map((override) => (
            <li key={override.overrideId} className={classes.word} data-holds={override === said.at(-1)}>
              <Word override={override} challenge={challenge} place={sayPlace(override)} />
            </li>
          ))}
        </ol>
      )}
      {isUnknown && <p role="status">Decisions made before cannot be shown now.</p>}
      {problem !== null && <p role="alert">{problem}</p>}
      <OverrideForm labels={labels} onSay={(words) => say({ ...of, ...words })} />
    </section>
  );
}

function Word({ override, challenge, place }: { override: Override; challenge: boolean; place: string }) {
  const { disposition, trueLabel, remark, by, ts, machine } = override;
  return (
    <>
      <strong>{DISPOSITION_WORDS[disposition]}</strong> by {by}, {formatMoment(ts)}
      {place}
      <br />
      Machine: {machine.verdict}
      {machine.verdict !== 'PASS' && ` · ${explainVerdict({ ...machine, challenge })}`}
      {trueLabel !== null && `. Really: ${formatClass(trueLabel)}`}
      {remark !== null && <q className={classes.remark}>{remark}</q>}
    </>
  );
}
