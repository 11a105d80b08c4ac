import { Option, SubCommand } from 'nest-commander';
import { parseNumber } from '../verb.js';
import { type WeightsOptions, WeightsVerb } from './weights-verb.js';

interface ExportOptions extends WeightsOptions {
  readonly backbone: string;
  readonly onnx: string;
  readonly weights?: string;
  readonly variant?: string;
  readonly size?: number;
  readonly gain?: number;
}

@SubCommand({
  name: 'export',
  description: 'write a network without a head as ONNX: uint8 NHWC RGB in, last feature map and embedding out',
})
export class ExportWeightsCommand extends WeightsVerb {
  override async run(_: string[], options: ExportOptions): Promise<void> {
    const [{ exportBase }, { weightsDir }] = await Promise.all([
      import('./export-base.js'),
      import('./weights-dir.js'),
    ]);
    const words = await exportBase({ ...options, dir: weightsDir(options.weightsDir) });
    process.stdout.write(`${words}\n`);
  }

  @Option({ flags: '--backbone <name>', description: 'network, see `weights list`', required: true })
  backbone(text: string): string {
    return text;
  }

  @Option({ flags: '--onnx <file>', description: 'where the graph goes', required: true })
  onnx(text: string): string {
    return text;
  }

  @Option({
    flags: '--weights <id>',
    description: 'of `weights list`; without, weights by formula that learned nothing',
  })
  weights(text: string): string {
    return text;
  }

  @Option({
    flags: '--variant <library>',
    description: 'whose construction to fill by formula; weights have their own',
  })
  variant(text: string): string {
    return text;
  }

  @Option({ flags: '--size <pixels>', description: 'side of the square input; default what the network was made for' })
  size(text: string): number {
    return parseNumber('--size', text);
  }

  @Option({ flags: '--gain <number>', description: 'centre of the norms’ gamma in the formula, default 1' })
  gain(text: string): number {
    return parseNumber('--gain', text);
  }
}
