import { verbGroup } from '../verb.js';
import { previewAugmentCommand } from './preview.command.js';

export const augmentCommand = verbGroup('augment', 'what a plan makes of training pictures', [previewAugmentCommand]);
