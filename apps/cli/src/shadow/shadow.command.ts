import { verbGroup } from '../verb.js';
import { compareShadowCommand } from './compare.command.js';

export const shadowCommand = verbGroup('shadow', 'a challenger that looks at the same frames and decides nothing', [
  compareShadowCommand,
]);
