/** A key under which a request may be repeated. `crypto.randomUUID` is missing on pages served over plain HTTP; this is not. */
export function idempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Keys of what a person may send again: the same for the same content until it is taken, so that a lost answer makes nothing twice. */
export function repeatKeys() {
  let last: { content: string; key: string } | undefined;
  return {
    of(...content: readonly unknown[]): string {
      const now = JSON.stringify(content);
      if (last?.content !== now) last = { content: now, key: idempotencyKey() };
      return last.key;
    },
    taken: () => (last = undefined),
  };
}
