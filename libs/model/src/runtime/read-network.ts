import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { io } from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { InputError, messageOf } from '#contracts';
import { TFJS_FILES } from '../artefact.js';

/**
 * Load the trained network of an artefact's directory from its tfjs files. A tfjs backend must be chosen; the caller
 * disposes the network.
 * @throws InputError MODEL_UNREADABLE
 */
export async function readNetwork(dir: string): Promise<LayersModel> {
  try {
    const topology = JSON.parse(await readFile(join(dir, TFJS_FILES.topology), 'utf8')) as io.ModelJSON;
    const weights = await readFile(join(dir, TFJS_FILES.weights));
    return await loadLayersModel({
      load: async () => ({
        modelTopology: topology.modelTopology,
        weightSpecs: topology.weightsManifest.flatMap((group) => group.weights),
        weightData: new Uint8Array(weights).buffer,
      }),
    });
  } catch (cause) {
    throw new InputError(
      'MODEL_UNREADABLE',
      `Model ${join(dir, TFJS_FILES.topology)} cannot be loaded: expected a tfjs layers model, but ${messageOf(cause)}. Export it again.`,
      { cause },
    );
  }
}
