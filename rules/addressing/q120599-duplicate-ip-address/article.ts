import type { Article } from '../../../src/engine/rule.ts';

/** Facts of the article in our own words. */
export const article: Article = {
  id: 'Q120599',
  title: 'Two stations use the same IP address',
  symptom:
    'A station fails to start TCP/IP, or two stations lose connections in turn, because both use one IP address.',
  cause:
    'A starting station announces its address with an ARP request for itself. A station that has the address already answers, but others may have learnt the new one by then. The younger station is to repair their caches with an announcement that names the older owner, and to stop.',
  resolution: 'Give one of the two stations another address.',
  products: ['Windows NT 3.1, 3.5, 4.0', 'Windows for Workgroups', 'LAN Manager 2.2'],
  related: ['Q168567', 'Q174929', 'Q193436', 'Q161430', 'Q173753', 'Q176208'],
};
