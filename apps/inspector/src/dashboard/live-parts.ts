import { type LiveParts, originOf, type PartVerdict } from '#contracts';
import { FirstInspections } from './first-inspections.js';
import { addVerdict, emptyTallies } from './tally.js';

/** Parts of several views: what became of them, and the last that were rejected. */
export class PartsBoard {
  private readonly tallies = emptyTallies();
  private readonly missingView = { line: 0, simulated: 0, challenge: 0 };
  private readonly inspected = new FirstInspections();
  private rejects: readonly PartVerdict[] = [];
  /** Rejects since the last delta; null when no part came since. */
  private news: readonly PartVerdict[] | null = null;

  /** @param limit rejects kept */
  constructor(private readonly limit: number) {}

  /** @returns true when this is the part's first inspection */
  add(part: PartVerdict): boolean {
    const isFirst = this.inspected.take(part.partId);
    const origin = originOf(part);
    addVerdict(this.tallies[origin], part, isFirst);
    if (part.reason === 'MISSING_VIEW') this.missingView[origin] += 1;
    const rejected = part.verdict === 'PASS' ? [] : [part];
    this.rejects = [...this.rejects, ...rejected].slice(-this.limit);
    this.news = [...(this.news ?? []), ...rejected].slice(-this.limit);
    return isFirst;
  }

  get hasNews(): boolean {
    return this.news !== null;
  }

  announce(): LiveParts {
    return this.tell(this.rejects);
  }

  /** Figures and the rejects since the last call; null when no part came since. */
  takeNews(): LiveParts | null {
    const { news } = this;
    this.news = null;
    return news === null ? null : this.tell(news);
  }

  private tell(rejects: readonly PartVerdict[]): LiveParts {
    const { tallies, missingView } = this;
    return { tallies: structuredClone(tallies), missingView: { ...missingView }, rejects: [...rejects] };
  }
}
