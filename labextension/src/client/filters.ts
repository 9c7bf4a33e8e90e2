/** Writing MLflow's filter language: text that came from elsewhere, as a condition. */

/** Return the condition that a field is exactly a text. */
export function equals(field: string, value: string): string {
  const quote = quoteFor(value);
  // The language has no escapes. A text that holds both quotes is matched with a wildcard for one of
  // them, which may find more; the caller looks again.
  return quote === null
    ? `${field} LIKE '${value.replaceAll("'", "_")}'`
    : `${field} = ${quote}${value}${quote}`;
}

/** Return the condition that a field is one of some words. */
export function isOneOf(field: string, words: readonly string[]): string {
  return `${field} IN (${words.map((word) => `'${word.replaceAll("'", "")}'`).join(", ")})`;
}

function quoteFor(value: string): string | null {
  return !value.includes("'") ? "'" : !value.includes('"') ? '"' : null;
}
