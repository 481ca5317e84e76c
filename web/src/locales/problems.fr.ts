import type { ProblemId } from '@/api';
import type { ProblemWords } from '@/lib/problem-words';

/** What the API says in English of each kind of problem. Loaded with the first problem; a new id breaks the compilation here. */
const french: Record<ProblemId, ProblemWords> = {
  invalid_body: { title: 'Le contenu envoyé est illisible', next: 'Corrigez-le comme l’indique le détail, puis renvoyez-le.' },
  invalid_parameter: { title: 'Un paramètre est erroné', next: 'Corrigez-le comme l’indique le détail ; la documentation dit ce que prend chaque adresse.' },
  cursor_invalid: { title: 'Ce curseur de page n’est pas d’ici', next: 'Repartez de la première page, sans curseur.' },
  origin_not_allowed: { title: 'Un autre site n’en a pas le droit', next: 'Faites-le depuis une page de ce serveur, ou depuis un programme qui n’envoie ni Origin ni Sec-Fetch-Site.' },
  not_found: { title: 'Il n’y a rien ici', next: 'Vérifiez l’adresse et l’identifiant ; /api/docs les décrit toutes.' },
  method_not_allowed: { title: 'Cette méthode n’est pas admise ici', next: 'Prenez une méthode que nomme l’en-tête Allow.' },
  not_acceptable: { title: 'Cette représentation n’existe pas', next: 'Demandez un type de contenu que la documentation prévoit ici.' },
  body_timeout: { title: 'Le contenu a mis trop de temps à arriver', next: 'Renvoyez-le par une connexion plus rapide, ou en plus petites parties.' },
  idempotency_in_progress: { title: 'La même demande est en cours', next: 'Attendez un peu, puis renvoyez-la telle quelle : elle recevra le résultat de la première.' },
  state_conflict: { title: 'Son état ne le permet pas', next: 'Relisez-le, puis décidez à nouveau.' },
  slug_taken: { title: 'Cet identifiant est pris', next: 'Choisissez-en un autre, ou remplacez ce qui le porte.' },
  built_in: { title: 'Cela vient avec le programme', next: 'Faites-en un à vous et servez-vous-en.' },
  restart_needed: { title: 'Il faut un redémarrage', next: 'Réglez-le dans le fichier ou l’environnement de chaque processus, puis redémarrez-les ; aggregator settings donne toutes les clés.' },
  in_use: { title: 'C’est en usage', next: 'Attendez la fin de ce qui s’en sert, ou annulez-le, puis réessayez.' },
  precondition_failed: { title: 'Cela a changé entre-temps', next: 'Relisez-le, refaites le changement sur la nouvelle version, puis renvoyez-le.' },
  body_too_large: { title: 'Le contenu est trop gros', next: 'Envoyez-en moins à la fois ; le détail dit jusqu’à combien d’octets.' },
  too_many_indicators: { title: 'Trop d’indicateurs', next: 'Répartissez-les sur plusieurs demandes ; le détail dit combien une seule en prend.' },
  too_many_entries: { title: 'Trop d’entrées', next: 'Répartissez-les sur plusieurs demandes ou listes ; le détail dit combien une seule en prend.' },
  line_too_long: { title: 'Une ligne est trop longue', next: 'Coupez-la ; le détail dit jusqu’à combien d’octets.' },
  unsupported_media_type: { title: 'Ce type de contenu n’est pas lu ici', next: 'Envoyez un des types que nomme le détail, en UTF-8 et sans Content-Encoding.' },
  host_not_allowed: { title: 'Ce serveur ne répond pas à ce nom', next: 'Passez par localhost, ou faites ajouter le nom à http.allowed_hosts (AGGREGATOR_HTTP_ALLOWED_HOSTS).' },
  idempotency_conflict: { title: 'Cette clé a servi à autre chose', next: 'Prenez une nouvelle Idempotency-Key pour une nouvelle demande.' },
  precondition_required: { title: 'La version manque', next: 'Lisez l’objet et envoyez son ETag dans If-Match.' },
  too_many_open_submissions: { title: 'Trop d’envois sont en cours', next: 'Attendez que l’un se termine, ou annulez-en un.' },
  internal: { title: 'Une erreur est survenue sur le serveur', next: 'Réessayez ; si elle persiste, donnez à l’exploitant le numéro de cette demande.' },
  backlog_full: { title: 'Trop de travail attend', next: 'Attendez un peu, puis renvoyez-le.' },
  disk_full: { title: 'Il n’y a plus de place sur le disque', next: 'Faites libérer de la place par l’exploitant, ou déplacer data_dir ; la lecture reste possible.' },
  not_ready: { title: 'Le serveur n’est pas prêt', next: 'Attendez un peu, puis réessayez ; /readyz dit quelle partie manque.' },
};
export default french;
