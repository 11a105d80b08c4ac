import { Option } from '@commander-js/extra-typings';
import { parseStation } from './option-values.js';

// Options that several commands say alike. Their defaults are those of config/default.yaml: no command but `inspector` and
// `doctor` reads a configuration file.

export const REGISTRY = new Option('--registry <dir>', 'where models live; default var/registry');
export const RECIPE = new Option('--recipe <name>', 'default chip');
export const BY = new Option('--by <name>', 'the person who answers for it').makeOptionMandatory();
export const STATION = new Option(
  '--station <path>',
  'enterprise/site/area/line/station; default demo/site/area/line1/st1',
).argParser(parseStation);
export const USERNAME = new Option('--username <name>', 'broker user; its password from LINESIDE_BROKER_PASSWORD');
export const CA = new Option('--ca <file>', 'mqtts: PEM file of the authority that signed the broker’s certificate');
export const CERT = new Option('--cert <file>', 'mqtts: PEM file of this client’s certificate, with --key');
export const KEY = new Option('--key <file>', 'mqtts: PEM file of its key');
export const WEIGHTS_DIR = new Option('--weights-dir <dir>', 'imported weights; default var/weights');
