/** Where all cases of a closed union are handled: the compiler says when one is missing. */
export function assertNever(value: never): never {
  throw new Error(`unhandled case: ${String(value)}`);
}
