/** True when `LINESIDE_DEBUG` asks for stacks under error messages. */
export function wantsStacks(env: Readonly<Record<string, string | undefined>> = process.env): boolean {
  return !['', '0', 'false'].includes(env['LINESIDE_DEBUG'] ?? '');
}
