import {
  add,
  clipByValue,
  concat,
  div,
  matMul,
  max,
  mean,
  mul,
  serialization,
  square,
  sub,
  sum,
  type Tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import { initializers, layers } from '@tensorflow/tfjs-layers';

type LayerConfig = ConstructorParameters<typeof layers.Layer>[0];
type Shape = (number | null)[];

/** A distance beyond this says no more; its fourth power still fits into float32. */
export const FARTHEST = 1e8;

/**
 * Feature map [h, w, c] -> how far each patch is from the nearest remembered one, [h, w, 1]: whitened, squared.
 * Weights: `whiten` [c, c], `shift` [c], `memory` [patches, c] of whitened patches.
 */
export class PatchDistance extends layers.Layer {
  static readonly className = 'PatchDistance';
  private readonly patches: number;

  constructor(config: LayerConfig & { patches: number }) {
    super(config);
    this.patches = config.patches;
  }

  override build(inputShape: Shape): void {
    const c = Number(inputShape.at(-1));
    const zeros = initializers.zeros();
    this.addWeight('whiten', [c, c], 'float32', zeros);
    this.addWeight('shift', [c], 'float32', zeros);
    this.addWeight('memory', [this.patches, c], 'float32', zeros);
    this.built = true;
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tidy(() => {
      const [map] = [inputs].flat();
      const [whiten, shift, memory] = this.weights.map((weight) => weight.read());
      if (map === undefined || whiten === undefined || shift === undefined || memory === undefined)
        throw new RangeError('expected a map and three weights');
      const [n = 0, h = 0, w = 0, c = 0] = map.shape;
      const z = add(matMul(map.reshape([n * h * w, c]), whiten), shift);
      const likeness = sub(mul(2, matMul(z, memory.transpose())), sum(square(memory), 1));
      const distance = sub(sum(square(z), 1), max(likeness, 1));
      return clipByValue(distance, 0, FARTHEST).reshape([n, h, w, 1]);
    });
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return [...inputShape.slice(0, -1), 1];
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), patches: this.patches };
  }
}

/**
 * Distances of a picture's patches [h, w, 1] -> [P(good), P(defect)]: the mean of their fourth powers, in which the few
 * farthest count, against the limit. Weight: `limit` [1], the mean that has P(defect) = 1/2.
 */
export class DefectOdds extends layers.Layer {
  static readonly className = 'DefectOdds';

  override build(): void {
    this.addWeight('limit', [1], 'float32', initializers.ones());
    this.built = true;
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tidy(() => {
      const [distances] = [inputs].flat();
      const limit = this.weights[0]?.read();
      if (distances === undefined || limit === undefined) throw new RangeError('expected distances and a limit');
      const score = mean(square(square(distances)), [1, 2]);
      const whole = add(score, limit);
      return concat([div(limit, whole), div(score, whole)], 1);
    });
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return [inputShape[0] ?? null, 2];
  }
}

serialization.registerClass(PatchDistance);
serialization.registerClass(DefectOdds);
