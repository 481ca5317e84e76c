import { useI18n } from 'vue-i18n';

/** What a feed is for, in words; a role this app has none for keeps its own. */
export function useRoleName(): (role: string) => string {
  const { t, te } = useI18n();
  return (role) => (te(`feeds.role.${role}`) ? t(`feeds.role.${role}`) : role);
}
