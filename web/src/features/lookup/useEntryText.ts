import { useRouter } from 'vue-router';

/** The text that belongs to an entry of the browser's history: it comes back with the page, by Back as by a reload. */
export function useEntryText() {
  const { history } = useRouter().options;
  return {
    read: (): string | undefined => (typeof history.state['text'] === 'string' ? history.state['text'] : undefined),
    write: (text: string): void => history.replace(history.location, { ...history.state, text }),
  };
}
