import type { Override, Verdict } from '#contracts';
import { DISPOSITION_WORDS, explainVerdict, formatClass, formatMoment } from '../live/words.js';
import { OverrideForm } from './override-form.js';
import classes from './part-overrides.module.css';
import { useOverrides } from './use-overrides.js';

/** What people decided about this part, beside what the machine said, and the form to decide. */
export function PartOverrides({ verdict }: { verdict: Verdict }) {
  const { said, isUnknown, problem, say } = useOverrides(verdict.frameId);
  return (
    <section className={classes.overrides} aria-label="Decisions of people">
      {said.length > 0 && (
        <ol className={classes.list}>
          {said.map((override) => (
            <li key={override.overrideId} className={classes.word} data-holds={override === said.at(-1)}>
              <Word override={override} challenge={verdict.challenge} />
            </li>
          ))}
        </ol>
      )}
      {isUnknown && <p role="status">Decisions made before cannot be shown now.</p>}
      {problem !== null && <p role="alert">{problem}</p>}
      <OverrideForm verdict={verdict} onSay={say} />
    </section>
  );
}

function Word({ override, challenge }: { override: Override; challenge: boolean }) {
  const { disposition, trueLabel, remark, by, ts, machine, inspection } = override;
  return (
    <>
      <strong>{DISPOSITION_WORDS[disposition]}</strong> by {by}, {formatMoment(ts)}
      {inspection !== null && ', for the whole part'}
      <br />
      Machine: {machine.verdict}
      {machine.verdict !== 'PASS' && ` · ${explainVerdict({ ...machine, challenge })}`}
      {trueLabel !== null && `. Really: ${formatClass(trueLabel)}`}
      {remark !== null && <q className={classes.remark}>{remark}</q>}
    </>
  );
}
