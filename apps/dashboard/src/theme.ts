import { createTheme } from '@mantine/core';

const SANS = "Inter, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', 'Liberation Sans', sans-serif";

/** Mantine's part of the look; colours with a meaning (pass, fail, …) are variables in page.css. */
export const THEME = createTheme({
  primaryColor: 'cyan',
  primaryShade: { light: 8, dark: 6 },
  fontFamily: SANS,
  headings: { fontFamily: SANS, fontWeight: '650' },
  defaultRadius: 'md',
  cursorType: 'pointer',
});
