import { type CommandUnknownOpts, createCommand } from '@commander-js/extra-typings';

/** A command of `lineside`. Words nobody asked for are refused, and usage errors come back to main.ts as exceptions. */
export function verb(name: string, description: string) {
  const command = createCommand(name).description(description).allowExcessArguments(false);
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
