/** Everything the rule can say. */
export const messages = {
  refused:
    '{server} refused {refusals:count caller|callers} an address although {lost} had been given back before and was free: it was never given to anybody again.',
  poolEmpty:
    '{server} told {refusals:count caller|callers} that its static address pool is empty, although {lost} had been given back before: it was never given to anybody again.',
  skipped:
    '{server} has passed over {lost} in {later:count assignment|assignments} since it was given back, while every other address of its pool was given again.',
  skippedOnce: '{server} has not given {lost} to anybody in a full round of its pool since it came back.',
  unreachable:
    '{server} goes on answering ARP for {lost}, from which nothing came for {silenceSeconds:duration}, and reports it as unreachable.',
  releasedUnreachable:
    '{server} goes on answering ARP for {lost} after its caller has hung up, and reports it as unreachable: the address was not given back.',
  accounting:
    'By the accounting of {server}, {lost} was given back and never given again, while callers were let in and got no address.',
  accountingSkipped:
    'By the accounting of {server}, {lost} was given back and has been passed over in a full round since.',
  why: 'When a call ends, its address must go back to the static pool. An address that does not leaves the pool smaller by one; once it is empty, callers that are let in get no address, although ports are free.',
  whatToDo:
    'Install the service pack on the dial-in server and restart the machine (a restart of the service alone does not bring addresses back). Until then, make the pool larger or let DHCP give the addresses.',
  caveatPool:
    'The pool is known only by the addresses that were given in the capture; a change of its configuration would look the same.',
  caveatStart: 'Calls were up when the capture began; what addresses they held is unknown.',
  caveatAccounting:
    'Accounting tells of sessions, not of the pool: another reason to end them would look the same.',
  caveatLan: 'A caller that is connected and silent, or filtered, would look the same on the LAN.',
  found:
    '{servers:count dial-in server|dial-in servers}, {lostAddresses:count address|addresses} not given back.',
  suspected:
    '{servers:count dial-in server|dial-in servers}, {lostAddresses:count address|addresses} perhaps not given back.',
  clear:
    '{servers:count dial-in server|dial-in servers}, {assignments:count assignment|assignments}, {refusals:count refusal|refusals}: every address came back, or none was missing when a caller was refused.',
  inconclusive: 'No dial-in server could be judged.',
  notApplicable: 'No address was negotiated over PPP, accounted for, or proxied for callers.',
} as const;
