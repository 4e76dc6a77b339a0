/** Everything the trackers know, as rules see it in their handlers. */
import type { AddressClaimTracker } from '../trackers/address-claims.ts';
import type { Connections } from '../trackers/connections.ts';
import type { DialInTracker } from '../trackers/dial-in.ts';
import type { Domains } from '../trackers/domains.ts';
import type { HeartbeatTracker } from '../trackers/heartbeats.ts';
import type { LeaseTracker } from '../trackers/leases.ts';
import type { MacPhaseTracker } from '../trackers/mac-phases.ts';
import type { Sources } from '../trackers/sources.ts';
import type { Stations } from '../trackers/stations.ts';

export interface Trackers {
  readonly domains: Domains;
  readonly sources: Sources;
  readonly stations: Stations;
  readonly addressClaims: AddressClaimTracker;
  readonly leases: LeaseTracker;
  readonly macPhases: MacPhaseTracker | null;
  /** Null unless a rule needs load-balancing clusters. */
  readonly heartbeats: HeartbeatTracker | null;
  /** Null unless a rule needs connections. */
  readonly connections: Connections | null;
  /** Null unless a rule needs dial-in. */
  readonly dialIn: DialInTracker | null;
  /** How much later a second tap of the same path shows each packet, in seconds; null if there is none. */
  readonly copyOffsetSeconds: number | null;
}
