/** What the secret of a person's app is sealed for: moved to another person's row it opens for nobody. */
export function totpPurpose(userId: string): string {
  return `totp:${userId}`;
}
