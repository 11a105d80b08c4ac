import { createTheme } from '@mantine/core';

const SANS = "Inter, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', 'Liberation Sans', sans-serif";

/** From text to page, the blue-greys of page.css instead of Mantine's neutral ones. */
const DARK = [
  '#e8eff4',
  '#c3d0da',
  '#9db0bd',
  '#6f8494',
  '#2f3e4a',
  '#26333e',
  '#1a242d',
  '#121a21',
  '#0d141a',
  '#0a0f14',
] as const;

/** Mantine's part of the look; colours with a meaning (pass, fail, …) are variables in page.css. */
export const THEME = createTheme({
  colors: { dark: DARK },
  primaryColor: 'cyan',
  primaryShade: { light: 8, dark: 6 },
  fontFamily: SANS,
  headings: { fontFamily: SANS, fontWeight: '650' },
  defaultRadius: 'md',
  cursorType: 'pointer',
});
