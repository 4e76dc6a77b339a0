import type { Article } from '../../../src/engine/rule.ts';

/** Facts of the article in our own words. */
export const article: Article = {
  id: 'Q193599',
  title: 'A load-balancing cluster does not converge because of its configuration',
  symptom:
    'After the hosts of a cluster are started they begin to converge, and never report that they have.',
  cause:
    'The hosts were given a different number of port rules or incompatible ones, or two of them have the same priority.',
  resolution: 'Give every host the same port rules and a priority of its own.',
  products: ['Windows NT Server 4.0', 'Windows NT Load Balancing Service'],
  related: ['Q193601', 'Q193603', 'Q228942', 'Q232997'],
};
