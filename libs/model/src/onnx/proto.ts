import onnxProto, { type onnx as schema } from 'onnx-proto';

// The package is CommonJS: its schema is a property of the default import.
const { onnx } = onnxProto;

/** ONNX IR version 8 and operator set 17 (ONNX 1.12): everything used here, and read by every current runtime. */
const IR_VERSION = 8;
const OPSET = 17;

/** Element types that an exported graph uses (`TensorProto.DataType`). */
export const ELEMENT = {
  float32: onnx.TensorProto.DataType.FLOAT,
  uint8: onnx.TensorProto.DataType.UINT8,
} as const;

/** A named input or output: element type and shape, a string standing for a free dimension. */
export interface Port {
  readonly name: string;
  readonly element: (typeof ELEMENT)[keyof typeof ELEMENT];
  readonly shape: readonly (number | string)[];
}

export type Attribute = number | string | readonly number[];

/**
 * Collects the nodes and constants of one ONNX graph and writes it with the official schema. Value names are the
 * caller's and must be unique.
 */
export class OnnxGraph {
  readonly #nodes: schema.INodeProto[] = [];
  readonly #constants: schema.ITensorProto[] = [];

  /** Add an operator; returns the name of its one output. Numbers become integer attributes. */
  node(
    operator: string,
    options: { inputs: readonly string[]; output: string; attributes?: Readonly<Record<string, Attribute>> },
  ): string {
    const { inputs, output, attributes = {} } = options;
    this.#nodes.push({
      name: output,
      opType: operator,
      input: [...inputs],
      output: [output],
      attribute: Object.entries(attributes).map(([name, value]) => attributeOf(name, value)),
    });
    return output;
  }

  /** Add a float32 constant in row-major order; returns its name. */
  floats(name: string, values: Float32Array, dims: readonly number[]): string {
    const bytes = new Uint8Array(values.byteLength);
    const view = new DataView(bytes.buffer);
    // Raw data is little-endian by the schema, whatever this machine is.
    for (const [i, value] of values.entries()) view.setFloat32(i * 4, value, true);
    this.#constants.push({ name, dataType: onnx.TensorProto.DataType.FLOAT, dims: [...dims], rawData: bytes });
    return name;
  }

  /** Add a vector of int64; returns its name. */
  integers(name: string, values: readonly number[]): string {
    const bytes = new Uint8Array(values.length * 8);
    const view = new DataView(bytes.buffer);
    for (const [i, value] of values.entries()) view.setBigInt64(i * 8, BigInt(value), true);
    this.#constants.push({ name, dataType: onnx.TensorProto.DataType.INT64, dims: [values.length], rawData: bytes });
    return name;
  }

  /** The whole model as the bytes of a `.onnx` file; equal graphs give equal bytes. */
  write(options: { name: string; input: Port; outputs: readonly Port[]; metadata: Readonly<Record<string, string>> }) {
    const model = onnx.ModelProto.fromObject({
      irVersion: IR_VERSION,
      producerName: 'lineside',
      opsetImport: [{ domain: '', version: OPSET }],
      metadataProps: Object.entries(options.metadata).map(([key, value]) => ({ key, value })),
    });
    model.graph = onnx.GraphProto.create({
      name: options.name,
      node: this.#nodes,
      initializer: this.#constants,
      input: [portOf(options.input)],
      output: options.outputs.map(portOf),
    });
    return onnx.ModelProto.encode(model).finish();
  }
}

function attributeOf(name: string, value: Attribute): schema.IAttributeProto {
  const { AttributeType } = onnx.AttributeProto;
  if (typeof value === 'number') return { name, type: AttributeType.INT, i: value };
  if (typeof value === 'string') return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) };
  return { name, type: AttributeType.INTS, ints: [...value] };
}

function portOf({ name, element, shape }: Port): schema.IValueInfoProto {
  const dim = shape.map((side) => (typeof side === 'number' ? { dimValue: side } : { dimParam: side }));
  return { name, type: { tensorType: { elemType: element, shape: { dim } } } };
}
