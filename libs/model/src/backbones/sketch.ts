import { type ActivationName, type Layer, type Padding, STEM, type Work } from './layer.js';

type Windows = { readonly kernel: number; readonly stride?: number; readonly padding?: Padding };
type Edges = { readonly bias?: boolean; readonly activation?: ActivationName };

/**
 * A network while its rows are written out, layer after layer. Every method adds one layer and returns its name, so
 * that the next row can read it. Without `of`, a layer reads the one before it.
 */
export class Sketch {
  readonly layers: Layer[] = [];
  #block = STEM;

  /** Everything from here on belongs to this block. */
  enter(block: string): void {
    this.#block = block;
  }

  input(name = 'picture'): string {
    return this.#add(name, { kind: 'input' }, []);
  }

  identity(name: string, of = this.last): string {
    return this.#add(name, { kind: 'identity' }, [of]);
  }

  normalization(name: string): string {
    return this.#add(name, { kind: 'normalization' }, [this.last]);
  }

  conv(name: string, row: { readonly filters: number } & Windows & Edges, of = this.last): string {
    const { filters, kernel, stride = 1, padding = 'same', bias = false, activation = 'linear' } = row;
    return this.#add(name, { kind: 'conv', filters, kernel, stride, padding, bias, activation }, [of]);
  }

  depthwise(name: string, row: Windows & Edges, of = this.last): string {
    const { kernel, stride = 1, padding = 'same', bias = false, activation = 'linear' } = row;
    return this.#add(name, { kind: 'depthwise', kernel, stride, padding, bias, activation }, [of]);
  }

  norm(name: string, epsilon: number, of = this.last): string {
    return this.#add(name, { kind: 'norm', epsilon }, [of]);
  }

  activation(name: string, activation: ActivationName, of = this.last): string {
    return this.#add(name, { kind: 'activation', activation }, [of]);
  }

  maxPool(name: string, row: { size: number; stride: number; padding?: Padding }, of = this.last): string {
    return this.#add(name, { kind: 'maxPool', padding: 'valid', ...row }, [of]);
  }

  average(name: string, of = this.last): string {
    return this.#add(name, { kind: 'average' }, [of]);
  }

  onePixel(name: string, of = this.last): string {
    return this.#add(name, { kind: 'onePixel' }, [of]);
  }

  add(name: string, ...of: [string, string]): string {
    return this.#add(name, { kind: 'add' }, of);
  }

  multiply(name: string, ...of: [string, string]): string {
    return this.#add(name, { kind: 'multiply' }, of);
  }

  /** Name of the layer added last. */
  get last(): string {
    const layer = this.layers.at(-1);
    if (layer === undefined) throw new RangeError('expected an input layer first');
    return layer.name;
  }

  #add(name: string, work: Work, inputs: readonly string[]): string {
    this.layers.push({ name, inputs, block: this.#block, ...work });
    return name;
  }
}
