import { type ParseArgsConfig, parseArgs } from 'node:util';

/** The words after a script's name; ones it does not know end it with what it takes. @param usage one line */
export function readWords<const Config extends ParseArgsConfig>(config: Config, usage: string) {
  try {
    return parseArgs(config);
  } catch (error) {
    const isHelp = process.argv.includes('--help');
    if (!isHelp) console.error((error as Error).message);
    console.log(`usage: ${usage}`);
    process.exit(isHelp ? 0 : 2);
  }
}
