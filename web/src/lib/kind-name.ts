import { useI18n } from 'vue-i18n';

/** What has a kind: an indicator, an item, a reading. */
interface OfKind {
  kind: string;
  custom_kind?: string | null;
}

/** Its kind: a built-in one, or the slug of one that is defined on this installation. */
export function kindOf({ kind, custom_kind: custom }: OfKind): string {
  return custom ?? kind;
}

/** The name of a kind for people; one that is defined on this installation keeps its own. */
export function useKindName(): (kind: string) => string {
  const { t, te } = useI18n();
  return (kind) => (te(`kind.${kind}`) ? t(`kind.${kind}`) : kind);
}
