import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';

/** Says what is misspelt before what is missing, for the one explains the other, and all that is missing at once. */
class Verb extends Command {
  /** Commander's own, which knows what was meant. */
  declare readonly unknownOption: (flag: string) => void;

  /** Commander calls it where a required option is not there, before it looks for unknown ones. */
  missingMandatoryOptionValue(): void {
    const [misspelt] = this.parseOptions([...this.args]).unknown;
    if (misspelt !== undefined) this.unknownOption(misspelt);
    const missing = this.options.filter(
      (option) => option.mandatory && this.getOptionValue(option.attributeName()) === undefined,
    );
    const flags = missing.map((option) => `'${option.flags}'`).join(', ');
    this.error(`error: required option${missing.length > 1 ? 's' : ''} ${flags} not specified`);
  }
}

/** A command of `lineside`. Words nobody asked for are refused, and usage errors come back to main.ts as exceptions. */
export function verb(name: string, description: string) {
  const command = new Verb(name).description(description).allowExcessArguments(false);
  const plain = command.createHelp();
  return command
    .exitOverride()
    .showHelpAfterError('(add --help for what is possible)')
    .configureHelp({
      optionDescription: (option) => `${plain.optionDescription(option)}${option.mandatory ? '; required' : ''}`,
    });
}

/** A word that only has sub-commands: on its own it shows them and fails. */
export function verbGroup(name: string, description: string, verbs: readonly CommandUnknownOpts[]): CommandUnknownOpts {
  const group = verb(name, description);
  for (const one of verbs) group.addCommand(one);
  return group;
}
