import type { Article } from '../../../src/engine/rule.ts';

/** Facts of the article in our own words. */
export const article: Article = {
  id: 'Q193157',
  title: 'TCP/IP does not follow a MAC address that changes at run time',
  symptom:
    'A station loses its connections when a driver changes the MAC address of its adapter while it runs; others can no longer reach it, or it hears broadcasts only.',
  cause:
    'Up to Service Pack 3 of Windows NT 4.0, nothing tells TCP/IP that the MAC address changed. ARP goes on giving out the old one, which the adapter no longer listens to.',
  resolution:
    'Service Pack 4 added a status indication for the change. Until then, restart the station or bind TCP/IP anew after the change.',
  products: ['Windows NT 4.0 up to Service Pack 3', 'Windows NT 4.0 Terminal Server Edition'],
  related: ['Q120599', 'Q139415', 'Q193601', 'Q193602'],
};
