import { type Browser, chromium, type Locator } from 'playwright-core';
import type { FoundTool } from './tools.js';

/** Without a sandbox (tests run as root in containers), a graphics card, or any call home. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** What is not so by then hangs: these limits assert no time. */
const LIMIT_MS = 30_000;

/** A headless Chromium of this system; whoever opens it closes it. */
export function openBrowser(tool: FoundTool): Promise<Browser> {
  return chromium.launch({ executablePath: tool.path, args: FLAGS });
}

/** Wait until one is visible. @throws TimeoutError */
export async function seen(locator: Locator): Promise<void> {
  await locator.first().waitFor({ state: 'visible', timeout: LIMIT_MS });
}

/** Wait until none is visible. @throws TimeoutError */
export async function gone(locator: Locator): Promise<void> {
  await locator.waitFor({ state: 'hidden', timeout: LIMIT_MS });
}

/** Wait until there are exactly so many, at least one. */
export async function counted(locator: Locator, count: number): Promise<void> {
  await seen(locator.nth(count - 1));
  await gone(locator.nth(count));
}
