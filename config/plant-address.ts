/**
 * The address of PostgreSQL with its password, for the driver alone: never print it. The driver reads an address after
 * its other settings, so that a password given beside it counts for nothing; of the address it reads the query first,
 * the only place that also serves a socket's empty host.
 */
export function plantAddress(url: string, password: string | null): string {
  if (password === null) return url;
  const address = new URL(url);
  address.searchParams.set('password', password);
  return address.href;
}
