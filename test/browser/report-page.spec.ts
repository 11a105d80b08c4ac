import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { openArtefact } from '#model/artefact';
import { chooseBackend } from '#model/backend/choose';
import { compareModels } from '../../apps/trainer/src/judge/compare-models.js';
import { evaluateModel } from '../../apps/trainer/src/judge/evaluate-model.js';
import { drawComparison } from '../../apps/trainer/src/report/draw-comparison.js';
import { writeReport } from '../../apps/trainer/src/steps/report.js';
import { makeArtefact, redPicture } from '../factories/artefact.js';
import { openBrowser, seen } from '../factories/browser.js';
import { requireTool, tempDir } from '../factories/tools.js';

const chromium = requireTool('chromium');

describe('the pages of a model', { skip: chromium.skip }, () => {
  let browser: Browser;
  const dir = tempDir();
  const pages = { report: join(dir, 'report.html'), compare: join(dir, 'compare.html') };

  before(async () => {
    browser = await openBrowser(chromium);
    const data = join(dir, 'data');
    const reds = { good: [10, 20, 90, 140], defect: [100, 130, 180, 240] };
    for (const [label, levels] of Object.entries(reds)) {
      mkdirSync(join(data, label), { recursive: true });
      for (const red of levels) writeFileSync(join(data, label, `${red} & "more".png`), await redPicture(red));
    }
    const [a, b] = [0.5, 0.02].map((threshold, i) =>
      makeArtefact({ id: `tiny-${i}`, card: { operatingPoint: { threshold, greyZone: [threshold, threshold] } } }),
    ) as [ReturnType<typeof makeArtefact>, ReturnType<typeof makeArtefact>];
    const [first, second] = [await openArtefact((await a).dir), await openArtefact((await b).dir)];
    const { scored, subset, leftOut } = await evaluateModel({ artefact: first, data });
    await chooseBackend('wasm');
    const files = { html: pages.report, json: join(dir, 'report.json') };
    await writeReport({ artefact: first, scored, subset, leftOut, doubts: [], files, robustness: 8 });
    writeFileSync(pages.compare, drawComparison(await compareModels({ a: first, b: second, data })));
  });
  after(() => browser.close());

  /** Open a file; what it asks for beyond itself and what it complains of is collected. */
  async function open(file: string): Promise<{ page: Page; asked: string[]; complaints: string[] }> {
    const page = await browser.newPage({ viewport: { width: 1366, height: 768 } });
    const [asked, complaints]: [string[], string[]] = [[], []];
    const own = pathToFileURL(file).href;
    page.on('request', (request) => {
      if (request.url() !== own && !request.url().startsWith('data:')) asked.push(request.url());
    });
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(own);
    return { page, asked, complaints };
  }

  for (const [name, file] of Object.entries(pages)) {
    it(`open without network and complaint, and fit the window: ${name}`, async () => {
      const { page, asked, complaints } = await open(file);
      await seen(page.getByRole('heading', { level: 1 }));
      assert.deepEqual([asked, complaints], [[], []]);
      const overhang = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      assert.equal(overhang, 0);
      const broken = await page.evaluate('[...document.images].filter((i) => i.naturalWidth === 0).length');
      assert.equal(broken, 0);
      await page.close();
    });
  }

  it('says misses and overkill with their denominators, draws charts and shows the hardest pictures', async () => {
    const { page } = await open(pages.report);
    await seen(page.getByText('1 of 4').first());
    await seen(page.getByText('defects missed, which passed: 25 %, 95 % limits 0.631 % to 80.6 %'));
    assert.ok((await page.locator('figure svg:visible').count()) >= 5);
    await seen(page.locator('.picture.wrong', { hasText: 'defect/100 & "more".png' }));
    await page.close();
  });

  it('draws charts in letters that can be read, on a phone too', async () => {
    const { page } = await open(pages.report);
    for (const width of [1366, 960, 390]) {
      await page.setViewportSize({ width, height: 800 });
      const letters = await page.locator('figure svg:visible').evaluateAll((charts) =>
        charts.map((chart) => {
          const [, , drawn = Number.NaN] = (chart.getAttribute('viewBox') ?? '').split(' ').map(Number);
          const letter = Number.parseFloat(chart.querySelector('text')?.style.fontSize ?? '');
          return (letter * chart.getBoundingClientRect().width) / drawn;
        }),
      );
      assert.ok(letters.length >= 5);
      assert.ok(Math.min(...letters) >= 10 && Math.max(...letters) <= 17, `${width}: ${letters}`);
    }
    await page.close();
  });

  it('prints what is folded up on the screen, beside charts of one size', async () => {
    const { page } = await open(pages.report);
    const plan = page.locator('pre');
    assert.equal(await plan.isVisible(), false);
    await page.emulateMedia({ media: 'print' });
    await seen(plan);
    const widths = await page
      .locator('figure')
      .evaluateAll((figures) => figures.map((figure) => Math.round(figure.getBoundingClientRect().width)));
    assert.equal(new Set(widths).size, 1, `widths ${widths}`);
    await page.close();
  });

  it('names what two models disagree on', async () => {
    const { page } = await open(pages.compare);
    await seen(page.getByRole('heading', { name: /Disagreements: 1 picture/ }));
    await seen(page.getByText('within noise').first());
    await seen(page.getByText('tiny-1, threshold 0.0200'));
    await page.close();
  });
});
