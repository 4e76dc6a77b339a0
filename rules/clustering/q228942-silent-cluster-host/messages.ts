/** Everything the rule can say. */
export const messages = {
  blackHole:
    'Cluster {cluster} beats and is converged, yet for {seconds:duration} nobody answered at {address}: {syns:count connection attempt|connection attempts} of {clients:count client|clients} failed on ports that were served before. Either its hosts no longer send, or the service was stopped or hangs.',
  blackHoleUnproven:
    'Cluster {cluster} beats and is converged, yet for {seconds:duration} nobody answered at {address}: {syns:count connection attempt|connection attempts} of {clients:count client|clients} were repeated in vain on a port that answers at other times. Either its hosts no longer send, or the service was stopped or hangs.',
  blackHoleHint:
    'Cluster {cluster} beats, yet for {seconds:duration} {syns:count connection attempt|connection attempts} of {clients:count client|clients} to {address} found no answer. Its hosts may no longer send, or the service was stopped or hangs.',
  memberHole:
    'Host {host} of cluster {cluster} beats and served its clients at {address} before, then answered none for {seconds:duration}: {syns:count attempt|attempts} of {clients:count client|clients} failed while other hosts answered {others:count}. Either it no longer sends, or its service was stopped or hangs.',
  memberHoleHint:
    'Host {host} of cluster {cluster} beats and still sends from {address}, but answered none of {syns:count attempt|attempts} of its {clients:count client|clients} for {seconds:duration} while other hosts answered {others:count}. Its service may have been stopped or hang.',
  silentUnserved:
    'Host {host} of cluster {cluster} sent no heartbeat for {seconds:duration} while it was alive on its own address, and {syns:count connection attempt|connection attempts} of {clients:count client|clients} to the cluster failed. Either its cluster adapter no longer sends, or clustering was stopped on it.',
  silentUnservedWeak:
    'Host {host} of cluster {cluster} sent no heartbeat for {seconds:duration} although its cluster adapter still sent other frames, and {syns:count connection attempt|connection attempts} of {clients:count client|clients} to the cluster failed. Either its driver no longer sends, or clustering was stopped on it.',
  silentRepeated:
    'Host {host} of cluster {cluster} fell silent {silences:count time|times} and came back by itself; meanwhile it was alive on its own address and nothing left its cluster adapter. Its driver may stop sending, or somebody stops and starts clustering on it.',
  silentAlive:
    'Host {host} of cluster {cluster} sent no heartbeat for {seconds:duration} while it was alive. Its cluster adapter may no longer send, or clustering was stopped on it.',
  silentOnly:
    'Host {host} of cluster {cluster} sent no heartbeat for {seconds:duration} while others did. It may hang, be switched off, or no longer send.',
  silentLone:
    'Host {host} of cluster {cluster}, the only one seen, sent no heartbeat for {seconds:duration}. It may have been stopped, hang, be switched off, or no longer send.',
  gaps: 'Heartbeats of host {host} of cluster {cluster} have {gaps:count gap|gaps} within {seconds:duration} while those of others are regular. Its driver may stop sending for moments, or the host is overloaded.',
  neverConverges:
    'Cluster {cluster} does not converge: host {host} announced an open map for {seconds:duration}, without agreeing with itself or with a live host. Its heartbeats may not be passed on, or the host hangs.',
  mapsStayOpen:
    'Host {host} of cluster {cluster} announced a new map for {seconds:duration} without ever taking it over: the cluster seems not to converge. A stopped or hung host would look the same.',
  staysConverging:
    'Host {host} of cluster {cluster} seems to converge for {seconds:duration}; the maps that would tell were not captured. A stopped or hung host would look the same.',
  noBeats:
    'The cluster adapter {mac} of cluster {cluster} sent {frames:count frame|frames} in {seconds:duration} and no heartbeat. Its driver may no longer send them, or clustering was stopped on the host.',
  noBeatsUnserved:
    'The cluster adapter {mac} of cluster {cluster} sent {frames:count frame|frames} in {seconds:duration} and no heartbeat, while other hosts beat and {syns:count connection attempt|connection attempts} of {clients:count client|clients} failed. Its driver may no longer send, or clustering was stopped on the host.',
  memberLeft:
    'Host {host} left cluster {cluster}; the others took over within the usual time, and clients are served.',
  whyBlackHole:
    'A cluster that has converged serves its clients. Where every host goes on beating and no host answers, their answers get lost inside the hosts: NDIS of Service Pack 4 stops passing them on, or the service does not run.',
  whyMemberHole:
    'A host that beats keeps its share of the clients. If it does not answer them, nobody takes over, and those clients fail until the cluster converges anew.',
  whySilent:
    'Every host sends a heartbeat each period for as long as clustering runs on it. A host that lives and sends none is no longer heard on its cluster adapter.',
  whyConverging:
    'A convergence takes a few seconds. A host that goes on converging does not hear the others, or not even itself.',
  whyNoBeats:
    'The MAC address is one that only a cluster adapter sends under, and a healthy host beats even when it is alone.',
  whyLeft:
    'A host that stops or fails leaves its share to the others; they notice after a few missed heartbeats.',
  whatToDo:
    'Look whether the service and clustering run on the host, install the service pack that corrects NDIS, and compare with a capture taken on the host itself.',
  whatToDoLeft: 'Nothing, if the host was meant to stop; else look for what stopped it.',
  caveatCause:
    'What stopped the host is not visible from outside: a stopped service, a hung host and a driver that no longer sends look the same.',
  caveatTap: 'Answers that take another way than past this tap would refute the finding.',
  caveatStopped: 'Clustering that was stopped on the host by hand leaves the same traces.',
  caveatSnooping: 'Switches that prune multicast groups hide heartbeats after some minutes.',
  caveatUnmasked:
    "Shortly before, frames left under the cluster's own MAC address: a switch that learns it sends clients to one port only (Q258609).",
  caveatStates: 'State values are not documented; they count only as a change against the host itself.',
  caveatControlled: 'A command by remote control came shortly before; it may have stopped the ports.',
  caveatFilter: 'A capture filter can hide heartbeats; other frames that are not IP were captured here.',
  found:
    '{members:count host|hosts} in {clusters:count cluster|clusters}; {answered:count} of {syns:count} connection attempts to virtual addresses answered.',
  suspected:
    '{members:count host|hosts} in {clusters:count cluster|clusters}, possibly one that no longer sends; {answered:count} of {syns:count} connection attempts to virtual addresses answered.',
  clear:
    '{members:count host|hosts} in {clusters:count cluster|clusters}, none seen that lives and no longer sends; {answered:count} of {syns:count} connection attempts to virtual addresses answered.',
  inconclusive: 'No host of a cluster could be observed long enough.',
  notApplicable: 'No heartbeat of a load-balancing cluster and no cluster adapter was seen.',
} as const;
