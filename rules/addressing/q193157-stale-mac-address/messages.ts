/** Everything the rule can say. */
export const messages = {
  proven:
    '{address} sends from {newMac} since its MAC address changed, while its ARP still names {oldMac}; {unanswered:count} frames to the old address stayed unanswered.',
  stale:
    '{address} sends from {newMac} since its MAC address changed, while its ARP still names {oldMac}, {staleArp:count} times.',
  silent:
    '{address} sends from {newMac} instead of {oldMac}, never announced the change, and does not answer what peers send to the old address.',
  deaf: '{address} at {oldMac} repeats ARP requests that are answered ({requests:count} times) and answers no unicast frame, but hears broadcasts: it seems not to receive on its own MAC address.',
  maybeDeaf:
    '{address} at {oldMac} repeats ARP requests that are answered ({requests:count} times) and answers no unicast frame: it may not receive on its own MAC address.',
  fromTheStart:
    '{address} sends from {newMac} while its ARP names {oldMac}, from the first frame on, and does not answer what goes there.',
  shared:
    '{address} sends from {newMac} while peers still use {oldMac}; one of the two MAC addresses also serves another address or was known before, as on routers.',
  gap: '{address} seems to have moved from {oldMac} to {newMac} without its ARP following, but the capture pauses where the proof would be.',
  why: 'A station that changes its MAC address must tell its TCP/IP stack, which announces it by ARP. One that goes on giving out the old address makes every peer send to where nobody listens any more, for as long as their ARP caches are refreshed with it.',
  whyDeaf:
    'A stack that does not know the MAC address its adapter listens to writes the old one into every frame. Replies go there and are lost; only broadcasts arrive.',
  whatToDo:
    'On Windows NT 4.0 before Service Pack 4, install it. Else find what changes the MAC address of this adapter at run time (a driver, teaming or virtual adapter software), and restart the station or its network stack after the change.',
  caveatFilter:
    'A switch that answers ARP itself, isolates its clients, or filters announcements can hide how the change was made known.',
  caveatElsewhere:
    'If the old MAC address still receives and answers by another path that this capture point does not see, nothing is wrong.',
  caveatFirewall:
    'A station that drops what it is sent, by a filter of its own, and asks by ARP again and again can look deaf.',
  found:
    '{addresses:count} addresses with a MAC address in ARP, {changed:count} changed it; {stale:count} did not follow.',
  suspected:
    '{addresses:count} addresses with a MAC address in ARP, {changed:count} changed it; {stale:count} possibly did not follow.',
  clear:
    '{addresses:count} addresses with a MAC address in ARP, {changed:count} changed it, none of them judged stale.',
  inconclusive: 'No address could be observed long enough under its MAC address.',
  notApplicable: 'No ARP packet names a MAC address for an IPv4 address.',
} as const;
