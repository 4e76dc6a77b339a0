import type { Article } from '../../../src/engine/rule.ts';

/** Facts of the article in our own words. */
export const article: Article = {
  id: 'Q159309',
  title: 'RAS server does not take back addresses of its static pool',
  symptom:
    'Dial-in callers are refused an IP address although the static pool should have some left. The lost address stays in the routing table of the server, and a ping to it reports a hardware error.',
  cause:
    'When a caller hangs up, about once in 10 to 20 calls, the server does not return the address to its static pool. Deleting the route or restarting the service does not bring it back, so that the pool shrinks until nobody gets an address.',
  resolution: 'Corrected in a service pack for Windows NT 4.0.',
  products: ['Windows NT Workstation 4.0', 'Windows NT Server 4.0'],
  related: ['Q122701', 'Q163111', 'Q171860'],
};
