/** Everything the rule can say. */
export const messages = {
  answered:
    '{address} is claimed by {macB} and was defended by {macA}, which goes on living: two stations have the same address.',
  corrected:
    '{address} is claimed by {macB} although {macA} has it: the older owner answered, and the address was given back.',
  alternating: '{address} changed between {macA} and {macB} {switches:count} times; neither gives way.',
  slow: '{address} changed between {macA} and {macB} {switches:count} times without announcement, and is defended.',
  returned: '{address} went from {macA} to {macB} and back without announcement, while both stations live.',
  similar: '{address} is used under {macA} and {macB}, possibly by one host with two adapters.',
  unproven: '{macA} answered the announcement of {address} by {macB}, but was not seen alive after that.',
  doubleAnswer: 'Two stations, {macA} and {macB}, answer the same request for {address}.',
  flux: '{macA} and {macB} both answer requests for {address}, as one host with two adapters on one link does.',
  averted:
    '{macB} asked whether {address} is free, {macA} answered that it is not, and {macB} declined it: the conflict did not happen.',
  moves: '{address} moves between {macA} and {macB} with announcements, as in a fail-over pair.',
  answersEverything:
    '{macA} answers probes and announcements of other stations for {addresses:count} addresses: a proxy that answers everything keeps stations from starting.',
  why: 'Only one station of a link may have an address. With two, each ARP cache follows whoever spoke last, and connections of both break.',
  whyAverted:
    'A station that tests its address before use found it taken; DHCP and reality differ for this address.',
  whyMoves:
    'Announced moves are how fail-over works; they are listed because frequent ones are worth a look.',
  whyEverything:
    'A starting station takes any answer to its announcement for a conflict and stops using the address (Q176208).',
  whatToDo:
    'Find both stations by their MAC addresses and give one of them another address; look for static addresses inside a DHCP range.',
  whatToDoAverted: 'Look for a static address inside the DHCP range, or a stale lease on the server.',
  whatToDoMoves: 'Nothing, if the two stations are a fail-over pair; else treat it as a duplicate address.',
  whatToDoEverything: 'Restrict proxy ARP on that station to the addresses it really stands for.',
  caveatSpoofing: 'ARP spoofing looks the same: a station that answers for an address it was not given.',
  caveatOneHost: 'One host with two adapters, or a bond, can look the same if both adapters answer.',
  caveatFabric:
    'A switch fabric or proxy that answers from its cache for a station that has left can look the same.',
  found:
    '{contested:count} of {addresses:count} addresses had more than one claimant; {conflicts:count} in conflict.',
  suspected:
    '{contested:count} of {addresses:count} addresses had more than one claimant; {conflicts:count} possibly in conflict.',
  clear:
    '{addresses:count} addresses claimed by ARP, {contested:count} by more than one station, none in conflict.',
  inconclusive: 'No address could be observed long enough.',
  notApplicable: 'No ARP packet claimed an IPv4 address.',
} as const;
