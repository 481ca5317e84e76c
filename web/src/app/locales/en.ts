import { merge, type Messages } from './merge';

export default merge(
  import.meta.glob<Messages>(['../../locales/en.json', '../../features/*/locales/en.json'], { eager: true, import: 'default' }),
);
