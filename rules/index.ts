import type { Rule } from '../src/engine/rule.ts';
import q120599 from './addressing/q120599-duplicate-ip-address/rule.ts';
import q193157 from './addressing/q193157-stale-mac-address/rule.ts';
import q193599 from './clustering/q193599-cluster-configuration/rule.ts';
import q228942 from './clustering/q228942-silent-cluster-host/rule.ts';
import q151387 from './dhcp/q151387-use-past-lease/rule.ts';
import q159309 from './dial-in/q159309-leaking-address-pool/rule.ts';
import q228811 from './tcp/q228811-sequence-goes-backward/rule.ts';

/** Every rule, sorted by article. A new rule is one folder and one line here. */
export const rules: readonly Rule[] = [q120599, q151387, q159309, q193157, q193599, q228811, q228942];
