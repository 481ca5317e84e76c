import { Database, Files, History, ListTree, Rss, Search } from '@lucide/vue';
import type { Component } from 'vue';

/** One place of the main navigation: the header and the palette list them. */
export interface Place {
  name: string;
  title: string;
  icon: Component;
  /** Names of routes that belong to it. */
  includes: readonly string[];
  /** Second key after `g`. */
  key: string;
}

/** The main navigation, in its order. */
export const places: readonly Place[] = [
  { name: 'lookup', title: 'lookup.title', icon: Search, includes: ['lookup', 'lookup-result'], key: 'l' },
  { name: 'bulk', title: 'bulk.title', icon: Files, includes: ['bulk', 'bulk-result'], key: 'b' },
  { name: 'submissions', title: 'submissions.title', icon: History, includes: ['submissions', 'submission'], key: 's' },
  { name: 'queues', title: 'queues.title', icon: ListTree, includes: ['queues'], key: 'q' },
  { name: 'sources', title: 'sources.title', icon: Database, includes: ['sources'], key: 'o' },
  { name: 'feeds', title: 'feeds.title', icon: Rss, includes: ['feeds'], key: 'f' },
];
