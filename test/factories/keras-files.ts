import { zipSync } from 'fflate';
import { File, Group, ready } from 'h5wasm';
import type { StoredTensor } from '#model/weights/safetensors';

/** A layer with its tensors as `role -> tensor`; roles in the order Keras keeps them. */
export interface FileLayer {
  readonly name: string;
  /** As Keras names groups of Keras 3: `conv2d`, `batch_normalization`. */
  readonly kind: string;
  readonly tensors: Readonly<Record<string, StoredTensor>>;
}

/** Layers of raw weights, in their order. */
export function layersOf(raw: ReadonlyMap<string, StoredTensor>): FileLayer[] {
  const layers = new Map<string, Record<string, StoredTensor>>();
  for (const [name, tensor] of raw) {
    const [layer = '', role = ''] = name.split('/');
    const tensors = layers.get(layer) ?? {};
    tensors[role] = tensor;
    layers.set(layer, tensors);
  }
  return [...layers].map(([name, tensors]) => ({ name, tensors, kind: kindOf(name, Object.keys(tensors)) }));
}

function kindOf(name: string, roles: readonly string[]): string {
  if (roles.includes('depthwise_kernel')) return 'depthwise_conv2d';
  if (roles.includes('gamma')) return 'batch_normalization';
  if (roles.includes('mean')) return name;
  return 'conv2d';
}

export interface H5Options {
  /** `gamma:0` as Keras 2, `gamma` as Keras 3, `W_1:0` as the oldest. */
  readonly suffix?: string;
  /** Weights in `model_weights`, as whole models have them. */
  readonly isModel?: boolean;
  /** Names of layers without weights, before the others. */
  readonly plain?: readonly string[];
}

/** A file as Keras 2 lays it out. */
export async function writeKerasH5(layers: readonly FileLayer[], options: H5Options = {}): Promise<Uint8Array> {
  const { suffix = ':0', isModel = false, plain = [] } = options;
  return writeH5((file) => {
    const root = isModel ? file.create_group('model_weights') : file;
    root.create_attribute('layer_names', [...plain, ...layers.map(({ name }) => name)]);
    for (const name of plain) root.create_group(name);
    for (const { name, tensors } of layers) {
      const group = root.create_group(name);
      const names = Object.keys(tensors).map((role) => `${name}/${role}${suffix}`);
      group.create_attribute('weight_names', names);
      const own = group.create_group(name);
      for (const [role, tensor] of Object.entries(tensors)) write(own, `${role}${suffix}`, tensor);
    }
  });
}

export interface WeightsH5Options {
  /** Groups bear their layers' names, as late Keras 3 writes them. */
  readonly isNamed?: boolean;
  /** Where the layers lie, as `layers/functional` of a model in a model. */
  readonly inside?: string;
  readonly plain?: readonly string[];
}

/** A file as Keras 3 lays it out: `layers/conv2d_1/vars/0`. */
export async function writeKerasWeightsH5(
  layers: readonly FileLayer[],
  options: WeightsH5Options = {},
): Promise<Uint8Array> {
  const { isNamed = false, inside = '', plain = [] } = options;
  return writeH5((file) => {
    const root = `${inside}/layers`.split('/').filter((step) => step !== '');
    const top = root.reduce<Group>((group, step) => group.create_group(step), file);
    for (const name of plain) top.create_group(name).create_group('vars');
    const counts = new Map<string, number>();
    for (const { name, kind, tensors } of layers) {
      const count = counts.get(kind) ?? 0;
      counts.set(kind, count + 1);
      const vars = top.create_group(count === 0 ? kind : `${kind}_${count}`).create_group('vars');
      if (isNamed) vars.create_attribute('name', name);
      for (const [i, tensor] of Object.values(tensors).entries()) write(vars, `${i}`, tensor);
    }
  });
}

/** A `.keras` file: config, metadata and weights in a zip. */
export function writeKerasArchive(weights: Uint8Array, config: unknown = {}): Uint8Array {
  const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const members = { 'metadata.json': text({}), 'config.json': text(config), 'model.weights.h5': weights };
  return zipSync(members, { level: 0 });
}

/** The config of a flat model with these layers. */
export function configOf(layers: readonly FileLayer[]): unknown {
  const classes: Record<string, string> = {
    conv2d: 'Conv2D',
    depthwise_conv2d: 'DepthwiseConv2D',
    batch_normalization: 'BatchNormalization',
    normalization: 'Normalization',
  };
  const described = layers.map(({ name, kind }) => ({ class_name: classes[kind] ?? kind, config: { name } }));
  return { class_name: 'Functional', config: { name: 'model', layers: described } };
}

/** A safetensors file of float32 tensors. */
export function writeSafetensors(tensors: ReadonlyMap<string, StoredTensor>): Uint8Array {
  let at = 0;
  const header: Record<string, unknown> = {};
  for (const [name, { shape, data }] of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [at, at + data.byteLength] };
    at += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + at);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  let offset = 8 + json.length;
  for (const { data } of tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return bytes;
}

/** An HDF5 file as `fill` writes it. */
export async function writeH5(fill: (file: File) => void): Promise<Uint8Array> {
  const { FS } = await ready;
  const path = '/written.h5';
  const file = new File(path, 'w');
  fill(file);
  file.close();
  const bytes = FS.readFile(path).slice();
  FS.unlink(path);
  return bytes;
}

function write(group: Group, name: string, { shape, data }: StoredTensor): void {
  group.create_dataset({ name, data, shape: [...shape], dtype: '<f' });
}
