/** True when `LINESIDE_DEBUG` asks for stacks under error messages. */
export function wantsStacks(): boolean {
  return !['', '0', 'false'].includes(process.env['LINESIDE_DEBUG'] ?? '');
}
