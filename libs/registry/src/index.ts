export type { Activation, ActivationEntry } from './activations.js';
export { FolderLock } from './folder-lock.js';
export { openDatabase } from './open-database.js';
export {
  type Promotion,
  type PromotionCase,
  promote,
  weighPromotion,
} from './promote.js';
export { Registry, type RegistryOptions } from './registry.js';
