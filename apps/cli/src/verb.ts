import { CommandRunner } from 'nest-commander';
import { InputError } from '#contracts';

/** A command of `lineside`. Words nobody asked for are refused, and usage errors come back to main.ts as exceptions. */
export abstract class Verb extends CommandRunner {
  override setCommand(command: typeof this.command): this {
    command.allowExcessArguments(false).exitOverride().showHelpAfterError('(add --help for what is possible)');
    const plain = command.createHelp();
    command.configureHelp({
      optionDescription: (option) => `${plain.optionDescription(option)}${option.mandatory ? '; required' : ''}`,
    });
    return super.setCommand(command);
  }
}

/** A word that only has sub-commands: on its own it shows them and fails. */
export abstract class VerbGroup extends Verb {
  override async run(): Promise<void> {
    this.command.help({ error: true });
  }
}

/**
 * Parse a number given on the command line.
 * @throws InputError USAGE
 */
export function parseNumber(flag: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InputError('USAGE', `${flag} ${text}: expected a number.`);
}

/**
 * Parse one word out of a list.
 * @throws InputError USAGE
 */
export function parseChoice<T extends string>(flag: string, text: string, choices: readonly T[]): T {
  const chosen = choices.find((choice) => choice === text);
  if (chosen !== undefined) return chosen;
  throw new InputError('USAGE', `${flag} ${text}: expected one of ${choices.join(', ')}.`);
}

/**
 * Collect a repeated `key=value`. A key given twice keeps its last value.
 * @throws InputError USAGE
 */
export function parseSetting(flag: string, text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at > 0) return { ...before, [text.slice(0, at).trim()]: text.slice(at + 1).trim() };
  throw new InputError('USAGE', `${flag} ${text}: expected key=value.`);
}

/** Collect a repeated word. */
export function parseMore(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}
