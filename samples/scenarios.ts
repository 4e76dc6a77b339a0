/** The scenarios of every rule, by article. */
import { scenarios as q120599 } from '../rules/addressing/q120599-duplicate-ip-address/scenarios.ts';
import { scenarios as q193157 } from '../rules/addressing/q193157-stale-mac-address/scenarios.ts';
import { scenarios as q193599 } from '../rules/clustering/q193599-cluster-configuration/scenarios.ts';
import { scenarios as q228942 } from '../rules/clustering/q228942-silent-cluster-host/scenarios.ts';
import { scenarios as q151387 } from '../rules/dhcp/q151387-use-past-lease/scenarios.ts';
import { scenarios as q159309 } from '../rules/dial-in/q159309-leaking-address-pool/scenarios.ts';
import { scenarios as q228811 } from '../rules/tcp/q228811-sequence-goes-backward/scenarios.ts';
import type { Scenario } from './craft/index.ts';

export const SCENARIOS = {
  Q120599: q120599,
  Q151387: q151387,
  Q159309: q159309,
  Q193157: q193157,
  Q193599: q193599,
  Q228811: q228811,
  Q228942: q228942,
} as const satisfies Readonly<Record<string, readonly Scenario[]>>;
