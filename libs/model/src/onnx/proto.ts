import { endianness } from 'node:os';
import onnxProto, { type onnx as schema } from 'onnx-proto';
import { InvariantError } from '#contracts';

// The package is CommonJS: its schema is a property of the default import.
const { onnx } = onnxProto;

/** ONNX IR version 8 and operator set 17 (ONNX 1.12): everything used here, and read by every current runtime. */
const IR_VERSION = 8;
const OPSET = 17;

/** Element types that an exported graph uses (`TensorProto.DataType`). */
export const ELEMENT = {
  float32: onnx.TensorProto.DataType.FLOAT,
  float16: onnx.TensorProto.DataType.FLOAT16,
  uint8: onnx.TensorProto.DataType.UINT8,
  int8: onnx.TensorProto.DataType.INT8,
  int32: onnx.TensorProto.DataType.INT32,
  int64: onnx.TensorProto.DataType.INT64,
} as const;
export type Element = (typeof ELEMENT)[keyof typeof ELEMENT];

/** A named input or output: element type and shape, a string standing for a free dimension, null for any shape. */
export interface Port {
  readonly name: string;
  readonly element: Element;
  readonly shape: readonly (number | string)[] | null;
}

export type Attribute = number | string | readonly number[];

/** One operator; its output's name is its own name. Numbers are integer attributes. */
export interface GraphNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** A constant in row-major order; float16 as its bits. */
export interface Constant {
  readonly element: Element;
  readonly dims: readonly number[];
  readonly values: Float32Array | Uint16Array | Uint8Array | Int8Array | Int32Array | BigInt64Array;
}

/** What a graph is called, takes and gives. */
export interface GraphHeader {
  readonly name: string;
  readonly input: Port;
  readonly outputs: readonly Port[];
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Collects the nodes and constants of one ONNX graph and writes it with the official schema. Value names are the
 * caller's and must be unique.
 */
export class OnnxGraph {
  readonly #nodes: GraphNode[] = [];
  readonly #constants = new Map<string, Constant>();

  /** In the order they were added, which is an order to compute them in. */
  get nodes(): readonly GraphNode[] {
    return this.#nodes;
  }

  get constants(): ReadonlyMap<string, Constant> {
    return this.#constants;
  }

  /** Add an operator; returns the name of its one output. */
  node(
    operator: string,
    options: { inputs: readonly string[]; output: string; attributes?: Readonly<Record<string, Attribute>> },
  ): string {
    const { inputs, output, attributes = {} } = options;
    this.#nodes.push({ operator, inputs: [...inputs], output, attributes });
    return output;
  }

  /** Add a constant; returns its name. */
  constant(name: string, constant: Constant): string {
    if (this.#constants.has(name)) throw new InvariantError(`The graph has two constants named ${name}.`);
    this.#constants.set(name, constant);
    return name;
  }

  /** Add a float32 constant in row-major order; returns its name. */
  floats(name: string, values: Float32Array, dims: readonly number[]): string {
    return this.constant(name, { element: ELEMENT.float32, dims, values });
  }

  /** Add a vector of int64; returns its name. */
  integers(name: string, values: readonly number[]): string {
    return this.constant(name, {
      element: ELEMENT.int64,
      dims: [values.length],
      values: BigInt64Array.from(values, BigInt),
    });
  }

  /**
   * The whole model as the bytes of a `.onnx` file; equal graphs give equal bytes.
   * @param inputs what a part of a network reads instead of the header's input
   */
  write(header: GraphHeader, inputs: readonly Port[] = [header.input]): Uint8Array {
    const model = onnx.ModelProto.fromObject({
      irVersion: IR_VERSION,
      producerName: 'lineside',
      opsetImport: [{ domain: '', version: OPSET }],
      metadataProps: Object.entries(header.metadata).map(([key, value]) => ({ key, value })),
    });
    model.graph = onnx.GraphProto.create({
      name: header.name,
      node: this.#nodes.map(nodeOf),
      initializer: [...this.#constants].map(([name, constant]) => initializerOf(name, constant)),
      input: inputs.map(portOf),
      output: header.outputs.map(portOf),
    });
    return onnx.ModelProto.encode(model).finish();
  }
}

function nodeOf({ operator, inputs, output, attributes }: GraphNode): schema.INodeProto {
  return {
    name: output,
    opType: operator,
    input: [...inputs],
    output: [output],
    attribute: Object.entries(attributes).map(([name, value]) => attributeOf(name, value)),
  };
}

function initializerOf(name: string, { element, dims, values }: Constant): schema.ITensorProto {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
  // Raw data is little-endian by the schema, whatever this machine is.
  if (endianness() === 'BE') {
    const size = values.BYTES_PER_ELEMENT;
    for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
  }
  return { name, dataType: element, dims: [...dims], rawData: bytes };
}

function attributeOf(name: string, value: Attribute): schema.IAttributeProto {
  const { AttributeType } = onnx.AttributeProto;
  if (typeof value === 'number') return { name, type: AttributeType.INT, i: value };
  if (typeof value === 'string') return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) };
  return { name, type: AttributeType.INTS, ints: [...value] };
}

function portOf({ name, element, shape }: Port): schema.IValueInfoProto {
  if (shape === null) return { name, type: { tensorType: { elemType: element } } };
  const dim = shape.map((side) => (typeof side === 'number' ? { dimValue: side } : { dimParam: side }));
  return { name, type: { tensorType: { elemType: element, shape: { dim } } } };
}
