/** Messages of one language: texts, in groups. */
export interface Messages {
  [key: string]: string | Messages;
}

/** One tree of messages: the shared files at the root, each feature's under its name. */
export function merge(files: Record<string, Messages>): Messages {
  const merged: Messages = {};
  for (const [path, messages] of Object.entries(files)) {
    const feature = /\/features\/([^/]+)\//.exec(path)?.[1];
    if (feature) merged[feature] = messages;
    else Object.assign(merged, messages);
  }
  return merged;
}
