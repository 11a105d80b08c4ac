import { Option } from '@commander-js/extra-typings';
import { parseStation } from './option-values.js';

// Options that several commands say alike.

export const REGISTRY = new Option('--registry <dir>', 'where models live; default from the configuration');
export const STATION = new Option(
  '--station <path>',
  'enterprise/site/area/line/station; default from the configuration',
).argParser(parseStation);
export const USERNAME = new Option('--username <name>', 'broker user; its password from LINESIDE_BROKER_PASSWORD');
