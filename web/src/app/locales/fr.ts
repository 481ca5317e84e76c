import { merge, type Messages } from './merge';

export default merge(
  import.meta.glob<Messages>(['../../locales/fr.json', '../../features/*/locales/fr.json'], { eager: true, import: 'default' }),
);
