import { Presets } from 'cli-progress';
import type { TrainEvent } from '#contracts';
import { TerminalBar } from './terminal-bar.js';

export interface EventPrinter {
  readonly sink: (event: TrainEvent) => void;
  readonly stop: () => void;
}

/** What a run says, for a person: one line per step and epoch, and under them a bar with the time left. */
export function showEvents(): EventPrinter {
  if (!process.stderr.isTTY) return { sink: printLine, stop: () => undefined };
  const format = '{step} {bar} {percentage}% | {value}/{total} | {left} left';
  let bar: TerminalBar | null = null;
  const stop = (): void => {
    bar?.stop();
    bar = null;
  };
  return {
    sink: (event) => {
      if (event.event !== 'progress') {
        stop();
        printLine(event);
        return;
      }
      const { step, done, total, etaSeconds } = event;
      const payload = { step: step.padEnd(STEP_WIDTH), left: etaSeconds === null ? '…' : seconds(etaSeconds) };
      if (bar === null) {
        bar = new TerminalBar({ format, clearOnComplete: true }, Presets.rect);
        bar.start(total, done, payload);
      } else bar.update(done, total, payload);
    },
    stop,
  };
}

const STEP_WIDTH = 10;

function printLine(event: TrainEvent): void {
  const text = formatEvent(event);
  if (text !== null) process.stderr.write(`${text}\n`);
}

/** One line for a person; null for what has no line of its own. */
export function formatEvent(event: TrainEvent): string | null {
  switch (event.event) {
    case 'step':
      return `${event.step.padEnd(STEP_WIDTH)} ${event.text}`;
    case 'epoch': {
      const { phase, epoch, epochs, loss, validation } = event;
      const auroc = validation?.auroc == null ? '' : `, AUROC ${validation.auroc.toFixed(4)}`;
      const checked = validation === null ? '' : `; validation loss ${validation.loss.toFixed(4)}${auroc}`;
      return `${phase.padEnd(STEP_WIDTH)} epoch ${epoch}/${epochs}: loss ${loss.toFixed(4)}${checked}`;
    }
    case 'done':
      return `${'done'.padEnd(STEP_WIDTH)} ${event.modelId ?? 'no registry'}, files in ${event.out}`;
    case 'progress':
    case 'kept':
    case 'failed':
      // The phase's own step says it; the command says why when it ends.
      return null;
  }
}

function seconds(count: number): string {
  return count < 90 ? `${count} s` : `${Math.round(count / 60)} min`;
}
