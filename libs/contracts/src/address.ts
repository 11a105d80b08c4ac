/**
 * True when an address carries a password, in its login (`scheme://user:password@host`) or its query: addresses are
 * logged and shown, so it may not. Looks at the text itself, because one with a slash in the password is no URL that
 * could be taken apart.
 */
export function holdsPassword(address: string): boolean {
  return /^[a-z]+:\/\/[^@]*:[^@]+@/.test(address) || /[?&]password=/i.test(address);
}
