import { createHash } from 'node:crypto';

/** A file that Keras Applications publishes. */
export interface PublishedFile {
  readonly network: string;
  readonly file: string;
  /** Scalings before the network where the file does not list its own; null where it says all. */
  readonly rescalings: number | null;
}

/**
 * Files of Keras Applications by MD5, as Keras checks them itself (keras 3.15: applications/vgg16.py, vgg19.py,
 * resnet.py, efficientnet.py). Keras states none for MobileNetV2.
 */
const HASHES: Readonly<Record<string, readonly [top: string, noTop: string]>> = {
  vgg16: ['64373286793e3c8b2b4e3219cbf3544b', '6d6bbae143d832006294945121d1f1fc'],
  vgg19: ['cbe5617147190e668d6c5d5026f83318', '253f8cb515780f3b799900260a226db6'],
  resnet50: ['2cb95161c43110f7111970584f804107', '4d473c1dd8becc155b73f8504c6f6626'],
  resnet101: ['f1aeb4b969a6efcfb50fad2f0c20cfc5', '88cf7a10940856eca736dc7b7e228a21'],
  resnet152: ['100835be76be38e30d865e96f2aaae62', 'ee4c566cf9a93f14d82f913c2dc6dd0c'],
  'efficientnet-b0': ['902e53a9f72be733fc0bcb005b3ebbac', '50bc09e76180e00e4465e1a485ddc09d'],
  'efficientnet-b1': ['1d254153d4ab51201f1646940f018540', '74c4e6b3e1f6a1eea24c589628592432'],
  'efficientnet-b2': ['b15cce36ff4dcbd00b6dd88e7857a6ad', '111f8e2ac8aa800a7a99e3239f7bfb39'],
  'efficientnet-b3': ['ffd1fdc53d0ce67064dc6a9c7960ede0', 'af6d107764bb5b1abb91932881670226'],
  'efficientnet-b4': ['18c95ad55216b8f92d7e70b3a046e2fc', 'ebc24e6d6c33eaebbd558eafbeedf1ba'],
  'efficientnet-b5': ['ace28f2a6363774853a83a0b21b9421a', '38879255a25d3c92d5e44e04ae6cec6f'],
  'efficientnet-b6': ['165f6e37dce68623721b423839de8be5', '9ecce42647a20130c1f39a5d4cb75743'],
  'efficientnet-b7': ['8c03f828fec3ef71311cd463b6759d99', 'cbcfe4450ddf6f3ad90b1b398090fe4a'],
};

/** The published file that these bytes are; null for any other file. */
export function recognisePublished(bytes: Uint8Array): PublishedFile | null {
  return describePublished(createHash('md5').update(bytes).digest('hex'));
}

/** The published file of this MD5. */
export function describePublished(md5: string): PublishedFile | null {
  for (const [network, [top, noTop]] of Object.entries(HASHES)) {
    if (md5 === top || md5 === noTop) return describe(network, md5 === noTop);
  }
  return null;
}

function describe(network: string, isBase: boolean): PublishedFile {
  const end = isBase ? '_notop.h5' : '.h5';
  const isEfficientNet = network.startsWith('efficientnet');
  const stem = isEfficientNet ? network.replace('-', '') : `${network}_weights_tf_dim_ordering_tf_kernels`;
  // The EfficientNet files are older than the second scaling, which Keras adds when it builds the network for them.
  return { network, file: `${stem}${end}`, rescalings: isEfficientNet ? 2 : null };
}
