import { loadTrainerConfig } from '#config';

/** The weights store a command means: the one it is told, or the one the shipped configuration names. */
export function weightsDir(given: string | undefined): string {
  return given ?? loadTrainerConfig().trainer.weightsDir;
}
