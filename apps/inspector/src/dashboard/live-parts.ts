import { type LiveParts, originOf, type PartVerdict, type ViewPlace } from '#contracts';
import { FirstInspections } from './first-inspections.js';
import { addVerdict, emptyTallies } from './tally.js';

type Lists = Pick<LiveParts, 'recent' | 'rejects'>;
const NONE: Lists = { recent: [], rejects: [] };

/** Parts of several views: what became of them, the last ones, and the last that were rejected. */
export class PartsBoard {
  private readonly tallies = emptyTallies();
  private readonly missingView = { line: 0, simulated: 0, challenge: 0 };
  private readonly inspected = new FirstInspections();
  private lists = NONE;
  /** Since the last delta; null when no part came since. */
  private news: Lists | null = null;

  /** @param limits parts kept in each list */
  constructor(
    private readonly views: readonly ViewPlace[],
    private readonly limits: Readonly<Record<keyof Lists, number>>,
  ) {}

  /** @returns true when this is the part's first inspection */
  add(part: PartVerdict): boolean {
    const isFirst = this.inspected.take(part.partId);
    const origin = originOf(part);
    addVerdict(this.tallies[origin], part, isFirst);
    if (part.reason === 'MISSING_VIEW') this.missingView[origin] += 1;
    this.lists = this.append(this.lists, part);
    this.news = this.append(this.news ?? NONE, part);
    return isFirst;
  }

  /** Rejects of earlier runs, oldest first, before those of this one; nothing is counted. */
  restore(earlier: readonly PartVerdict[]): void {
    const { recent, rejects } = this.lists;
    const own = new Set(rejects.map(({ inspection }) => inspection));
    const before = earlier.filter(({ inspection }) => !own.has(inspection));
    this.lists = { recent, rejects: [...before, ...rejects].slice(-this.limits.rejects) };
  }

  get hasNews(): boolean {
    return this.news !== null;
  }

  announce(): LiveParts {
    return this.tell(this.lists);
  }

  /** Figures and the parts since the last call; null when no part came since. */
  takeNews(): LiveParts | null {
    const { news } = this;
    this.news = null;
    return news === null ? null : this.tell(news);
  }

  private append({ recent, rejects }: Lists, part: PartVerdict): Lists {
    const { limits } = this;
    return {
      recent: [...recent, part].slice(-limits.recent),
      rejects: part.verdict === 'PASS' ? rejects : [...rejects, part].slice(-limits.rejects),
    };
  }

  private tell({ recent, rejects }: Lists): LiveParts {
    const { views, tallies, missingView } = this;
    return {
      views: [...views],
      tallies: structuredClone(tallies),
      missingView: { ...missingView },
      recent: [...recent],
      rejects: [...rejects],
    };
  }
}
