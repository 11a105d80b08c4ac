/** What a convolution or pooling does at the picture's edge: TensorFlow's SAME, nothing, or this many zeros on every side. */
export type Padding = 'same' | 'valid' | number;

export type ActivationName = 'linear' | 'relu' | 'relu6' | 'swish' | 'sigmoid';

/** What a layer does. Sizes are square: a kernel of 3 is 3x3. */
export type Work =
  | { readonly kind: 'input' }
  /** Stands in the list and does nothing here: dropout, or scaling and padding that the neighbours do themselves. */
  | { readonly kind: 'identity' }
  /** Mean and variance of the pictures, kept with the weights; becomes part of the normalisation. */
  | { readonly kind: 'normalization' }
  | {
      readonly kind: 'conv';
      readonly filters: number;
      readonly kernel: number;
      readonly stride: number;
      readonly padding: Padding;
      readonly bias: boolean;
      readonly activation: ActivationName;
    }
  | {
      readonly kind: 'depthwise';
      readonly kernel: number;
      readonly stride: number;
      readonly padding: Padding;
      readonly bias: boolean;
      readonly activation: ActivationName;
    }
  | { readonly kind: 'norm'; readonly epsilon: number }
  | { readonly kind: 'activation'; readonly activation: ActivationName }
  | { readonly kind: 'maxPool'; readonly size: number; readonly stride: number; readonly padding: Padding }
  /** Mean over height and width: [h, w, c] -> [c]. */
  | { readonly kind: 'average' }
  /** One value per channel as a picture of one pixel: [c] -> [1, 1, c]. */
  | { readonly kind: 'onePixel' }
  | { readonly kind: 'add' }
  | { readonly kind: 'multiply' };

/** A layer's place in the network. Names, order and inputs are those of Keras Applications. */
export interface Place {
  readonly name: string;
  /** Names of the layers it reads. */
  readonly inputs: readonly string[];
  /** Unit of freezing it belongs to; {@link STEM} before the first and {@link TOP} after the last block. */
  readonly block: string;
}

/** One layer of a network as Keras Applications lists it; freeze depths count these. */
export type Layer = Place & Work;
export type Convolution = Extract<Layer, { kind: 'conv' | 'depthwise' }>;

export const STEM = 'stem';
export const TOP = 'top';

export function isConvolution(layer: Layer): layer is Convolution {
  return layer.kind === 'conv' || layer.kind === 'depthwise';
}
