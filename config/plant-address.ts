/** Where `pg` reads a password before it looks at the login part, and the only place that also serves a socket's empty host. */
const PARAMETER = 'password';

/** True where an address of PostgreSQL holds a password, in its login or in its query. */
export function holdsPassword(address: string): boolean {
  const { password, searchParams } = new URL(address);
  return password !== '' || searchParams.has(PARAMETER);
}

/**
 * The address of PostgreSQL with its password, for the driver alone: never print it. The driver reads an address after
 * its other settings, so that a password given beside it counts for nothing.
 */
export function plantAddress(url: string, password: string | null): string {
  if (password === null) return url;
  const address = new URL(url);
  address.searchParams.set(PARAMETER, password);
  return address.href;
}
