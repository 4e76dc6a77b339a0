import type { Article } from '../../../src/engine/rule.ts';

/** Facts of the article in our own words. */
export const article: Article = {
  id: 'Q151387',
  title: 'DHCP client keeps using its address after the lease has expired',
  symptom:
    'A DHCP client whose lease has run out goes on sending and receiving under the leased address until its user dismisses a message box.',
  cause:
    'No DHCP server answered the renewals, nor the requests for a new lease that followed. The client should have given the address up at expiry; it told the user first and unbound the address only after that. A server that has meanwhile leased the address to another client makes it a duplicate.',
  resolution:
    'The client component (Vdhcp.386) was changed to release the address before it shows the message.',
  products: ['Windows for Workgroups 3.11', 'Microsoft TCP/IP-32 for Windows for Workgroups'],
  related: ['Q120599', 'Q177357'],
};
