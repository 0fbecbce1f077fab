/**
 * The messages of onnx.proto (IR version 14, ONNX 1.23) that graphs of tensors are made of: field → number, type,
 * whether it is repeated. Fields left out are skipped when read: documentation, devices, quantisation hints.
 */
export const MESSAGES = {
  Model: {
    irVersion: [1, 'int64'],
    producerName: [2, 'string'],
    producerVersion: [3, 'string'],
    graph: [7, 'Graph'],
    opsetImport: [8, 'OperatorSet', 'repeated'],
    functions: [25, 'Function', 'repeated'],
  },
  OperatorSet: { domain: [1, 'string'], version: [2, 'int64'] },
  Graph: {
    node: [1, 'Node', 'repeated'],
    name: [2, 'string'],
    initializer: [5, 'Tensor', 'repeated'],
    input: [11, 'ValueInfo', 'repeated'],
    output: [12, 'ValueInfo', 'repeated'],
    sparseInitializer: [15, 'bytes', 'repeated'],
  },
  Node: {
    input: [1, 'string', 'repeated'],
    output: [2, 'string', 'repeated'],
    name: [3, 'string'],
    opType: [4, 'string'],
    attribute: [5, 'Attribute', 'repeated'],
    domain: [7, 'string'],
  },
  Attribute: {
    name: [1, 'string'],
    f: [2, 'float'],
    i: [3, 'int64'],
    s: [4, 'bytes'],
    t: [5, 'Tensor'],
    g: [6, 'Graph'],
    floats: [7, 'float', 'repeated'],
    ints: [8, 'int64', 'repeated'],
    strings: [9, 'bytes', 'repeated'],
    type: [20, 'int32'],
    refAttrName: [21, 'string'],
  },
  Function: {
    name: [1, 'string'],
    input: [4, 'string', 'repeated'],
    output: [5, 'string', 'repeated'],
    node: [7, 'Node', 'repeated'],
    opsetImport: [9, 'OperatorSet', 'repeated'],
    domain: [10, 'string'],
    attributeProto: [11, 'Attribute', 'repeated'],
  },
  Tensor: {
    dims: [1, 'int64', 'repeated'],
    dataType: [2, 'int32'],
    floatData: [4, 'float', 'repeated'],
    int32Data: [5, 'int32', 'repeated'],
    int64Data: [7, 'int64', 'repeated'],
    name: [8, 'string'],
    rawData: [9, 'bytes'],
    doubleData: [10, 'double', 'repeated'],
    uint64Data: [11, 'uint64', 'repeated'],
    externalData: [13, 'StringPair', 'repeated'],
    dataLocation: [14, 'int32'],
  },
  StringPair: { key: [1, 'string'], value: [2, 'string'] },
  ValueInfo: { name: [1, 'string'], type: [2, 'Type'] },
  Type: { tensorType: [1, 'TensorType'] },
  TensorType: { elemType: [1, 'int32'], shape: [2, 'Shape'] },
  Shape: { dim: [1, 'Dimension', 'repeated'] },
  Dimension: { dimValue: [1, 'int64'], dimParam: [2, 'string'] },
} as const

/** Numbers of AttributeProto.AttributeType that are read. */
export const ATTRIBUTE_TYPES = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
} as const

/** TensorProto.DataLocation.EXTERNAL. */
export const EXTERNAL = 1

/** Types of fields that are no messages. An int64 is a number: of what exceeds 2^53 the size only is kept. */
export interface Scalars {
  int32: number
  int64: number
  uint64: number
  float: number
  double: number
  string: string
  bytes: Uint8Array
}

export type MessageName = keyof typeof MESSAGES
export type Field = readonly [number: number, type: string, repeated?: 'repeated']

type One<T> = T extends keyof Scalars ? Scalars[T] : T extends MessageName ? Message<T> : never
type Repeated<M extends MessageName> = {
  [F in keyof (typeof MESSAGES)[M]]: (typeof MESSAGES)[M][F] extends readonly [
    number,
    string,
    string,
  ]
    ? F
    : never
}[keyof (typeof MESSAGES)[M]]
type TypeOf<
  M extends MessageName,
  F extends keyof (typeof MESSAGES)[M],
> = (typeof MESSAGES)[M][F] extends readonly [number, infer T, ...unknown[]] ? One<T> : never

/** A message as it is read: repeated fields are lists, others may be absent. */
export type Message<M extends MessageName> = {
  readonly [F in Repeated<M>]: readonly TypeOf<M, F>[]
} & { readonly [F in Exclude<keyof (typeof MESSAGES)[M], Repeated<M>>]?: TypeOf<M, F> }

type OneDraft<T> = T extends keyof Scalars ? Scalars[T] : T extends MessageName ? Draft<T> : never
type DraftOf<
  M extends MessageName,
  F extends keyof (typeof MESSAGES)[M],
> = (typeof MESSAGES)[M][F] extends readonly [number, infer T, 'repeated']
  ? readonly OneDraft<T>[]
  : (typeof MESSAGES)[M][F] extends readonly [number, infer T]
    ? OneDraft<T>
    : never

/** A message to be written: any field may be absent. */
export type Draft<M extends MessageName> = {
  readonly [F in keyof (typeof MESSAGES)[M]]?: DraftOf<M, F>
}
