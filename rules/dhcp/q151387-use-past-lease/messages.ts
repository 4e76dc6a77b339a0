/** Everything the rule can say. */
export const messages = {
  firstOrder:
    '{mac} went on using {address} for {overrunSeconds:duration} after its lease had expired, although {requests:count renewal|renewals} and {discovers:count request|requests} for a new lease were left unanswered.',
  secondOrder:
    '{mac} went on using {address} after its lease had expired and the address had been leased to {second}: both use it now.',
  unseen:
    '{mac} used {address} for {overrunSeconds:duration} after its lease of {leaseSeconds:duration} had expired, and was not seen to renew it, on a tap that sees renewals.',
  withoutAck:
    '{mac} goes on using {address} although its {requests:count renewal|renewals} and {discovers:count request|requests} for a new lease were left unanswered; the lease itself was given before the capture.',
  weak: '{mac} seems to have used {address} past the end of its lease of {leaseSeconds:duration}.',
  why: 'A DHCP client must stop using its address when the lease expires (RFC 2131 4.4.5). The server may give it to somebody else at any time.',
  whyDuplicate:
    'A DHCP client must stop using its address when the lease expires (RFC 2131 4.4.5). Here the server has given it to another client, so that two stations share one address.',
  whatToDo:
    'Release the address on the client (or restart it), update its DHCP client, and find out why the DHCP server did not answer.',
  caveatOtherPath: 'An acknowledgment that passed by another way than this tap would refute the finding.',
  caveatClock: 'Client and server count the lease by their own clocks; the grace allows for that.',
  caveatNoAck: 'The lease was not captured: its end follows from the requests of the client alone.',
  found: '{used:count lease was|leases were} used after expiry, of {leases:count} seen.',
  suspected: '{used:count lease|leases} may have been used after expiry, of {leases:count} seen.',
  clear:
    '{leases:count lease|leases}, {expired:count} expired in the capture. None that could be judged was used after it had expired.',
  inconclusive: 'No lease could be followed past its end.',
  notApplicable: 'No DHCP message with a lease was seen.',
} as const;
