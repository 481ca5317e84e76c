/** The look all controls share. */
export const control =
  'w-full rounded-md border border-line-strong bg-surface px-3 text-text placeholder:text-muted disabled:opacity-60 aria-invalid:border-malicious';
